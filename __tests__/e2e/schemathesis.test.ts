import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTokenIssuer, requestToken } from "../../local/token-issuer";
import { bundleInto } from "../api/support/bundle";
import { freePort } from "../api/support/free-port";
import { createItemTables } from "../api/support/item-tables";
import { startProgram } from "../api/support/program";
import { EmulatedDynamoDb } from "./support/emulated-items";
import { TestProcess } from "./support/processes";
import { waitUntil } from "./support/wait-until";

// Requests made of the OpenAPI document, right ones and wrong ones, one by one and in sequences.
jest.setTimeout(600_000);

const cleanUps: (() => Promise<unknown>)[] = [];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "schemathesis-"));
  cleanUps.push(() => rm(folder, { recursive: true }));
  await bundleInto(folder);
});

afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
});

async function startApi(environment: Readonly<Record<string, string>>) {
  const port = await freePort();
  const server = startProgram(join(folder, "server.js"), {
    ...environment,
    PORT: String(port),
    HOST: "127.0.0.1",
  });
  cleanUps.push(() => {
    server.kill("SIGTERM");
    return server.exitCode;
  });
  const url = `http://127.0.0.1:${port}`;
  await waitUntil("the API answers", async () => (await fetch(`${url}/health`)).ok);
  return url;
}

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
  await expectNoFindings(await startApi({}));
});

test("finds nothing, with items in DynamoDB and access tokens", async () => {
  const dynamoDb = new EmulatedDynamoDb();
  cleanUps.push(() => dynamoDb.stop());
  await dynamoDb.start();
  const { itemsTable, claimsTable } = await createItemTables(dynamoDb.client, randomUUID());
  const issuer = await startTokenIssuer("inventory");
  cleanUps.push(() => issuer.stop());
  const url = await startApi({
    ...dynamoDb.environment,
    ITEMS_TABLE: itemsTable,
    CLAIMS_TABLE: claimsTable,
    AUTH: "bearer",
    AUTH_ISSUER: issuer.url,
    AUTH_AUDIENCE: issuer.audience,
    AUTH_KEYS_URL: issuer.keysUrl,
  });
  const token = await requestToken(issuer, "items:read items:write");
  await expectNoFindings(url, "--header", `Authorization: Bearer ${token}`);
});
