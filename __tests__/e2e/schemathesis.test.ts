import { randomUUID } from "node:crypto";
import { startTokenIssuer, requestToken } from "../../local/token-issuer";
import { createItemTables } from "../api/support/item-tables";
import { authVariables } from "../../stacks/auth";
import { BundledApi } from "./support/bundled-api";
import { EmulatedDynamoDb } from "./support/emulated-items";
import { TestProcess } from "./support/processes";

// Schemathesis generates requests from the OpenAPI document: valid and invalid, single and in sequences.
jest.setTimeout(600_000);

let api: BundledApi;

beforeAll(async () => {
  api = await BundledApi.bundle();
});

afterAll(() => api.stop());

async function expectNoFindings(url: string, ...args: string[]) {
  const bounds = ["--checks", "all", "--seed", "1", "--max-examples", "50"];
  const process = new TestProcess("bash", [
    ".ci/tool",
    "schemathesis",
    "run",
    ...bounds,
    ...args,
    `${url}/openapi.json`,
  ]);
  expect([await process.ended(), process.output]).toEqual([
    0,
    expect.stringMatching(/(\d+) generated, \1 passed/) as string,
  ]);
}

test("finds nothing, with items in memory", async () => {
  await expectNoFindings(await api.start());
});

test("finds nothing, with items in DynamoDB and access tokens", async () => {
  const dynamoDb = new EmulatedDynamoDb();
  const { issuer, endpoint, stop } = await startTokenIssuer("inventory");
  try {
    await dynamoDb.start();
    const { itemsTable, claimsTable } = await createItemTables(dynamoDb.client, randomUUID());
    const url = await api.start({
      ...dynamoDb.env,
      ITEMS_TABLE: itemsTable,
      CLAIMS_TABLE: claimsTable,
      ...authVariables(issuer),
    });
    const token = await requestToken(endpoint, "items:read items:write");
    await expectNoFindings(url, "--header", `Authorization: Bearer ${token}`);
  } finally {
    await stop();
    await dynamoDb.stop();
  }
});
