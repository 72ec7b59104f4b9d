import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createDynamoDbClient } from "../../../../api/items/store/dynamodb-client";
import { createDynamoDbItemRepository } from "../../../../api/items/store/dynamodb-item-repository";
import { bolt, type ProblemBody } from "../../behaviours/store";
import { awsEnv } from "../../support/local-dynamodb";
import { createTestApp } from "../../support/test-app";

const ID = "00000000-0000-4000-8000-000000000000";
const originalEnv = process.env;
let server: Server | undefined;
const clients: DynamoDBClient[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
  server?.closeAllConnections();
  server?.close();
  process.env = originalEnv;
});

/** The API with a DynamoDB that always gives this answer. */
async function appOver(answer: RequestListener) {
  server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  process.env = { ...originalEnv, ...awsEnv(port), AWS_MAX_ATTEMPTS: "1" };
  const client = createDynamoDbClient({ repeat: "always" });
  const cautiousClient = createDynamoDbClient({ repeat: "only-if-not-done" });
  clients.push(client, cautiousClient);
  return createTestApp(
    createDynamoDbItemRepository({
      itemsTable: "items",
      claimsTable: "claims",
      client,
      cautiousClient,
    }),
  );
}

function failWith(status: number, type: string, more: object = {}): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { "Content-Type": "application/x-amz-json-1.0" });
    const __type = `com.amazonaws.dynamodb.v20120810#${type}`;
    response.end(JSON.stringify({ __type, message: "of DynamoDB alone", ...more }));
  };
}

const everyRequest = ({ api }: ReturnType<typeof createTestApp>) => [
  api.get(`/items/${ID}`),
  api.get("/items"),
  api.get("/items?maxQuantity=1"),
  api.get("/items?sku=A"),
  api.post("/items").send(bolt),
  api.patch(`/items/${ID}`).set("If-Match", "*").send({ name: "A" }),
  api.delete(`/items/${ID}`).set("If-Match", "*"),
  api.post(`/items/${ID}/adjustments`).send({ delta: 1 }),
  api.post(`/items/${ID}/adjustments`).set("Idempotency-Key", "1").send({ delta: 1 }),
];

test.each([
  [400, "ProvisionedThroughputExceededException"],
  [400, "ThrottlingException"],
  [400, "RequestLimitExceeded"],
  [500, "InternalServerError"],
  [503, "ServiceUnavailable"],
])("answers 503 to DynamoDB's %i %s, whatever was asked", async (status, type) => {
  const app = await appOver(failWith(status, type));
  for (const response of await Promise.all(everyRequest(app))) {
    expect(response.status).toBe(503);
    expect(response.type).toBe("application/problem+json");
    expect(response.headers["retry-after"]).toMatch(/^\d+$/);
    expect(response.text).not.toMatch(/dynamo|aws|127\.0\.0\.1/i);
  }
  const adjusted = await app.api.post(`/items/${ID}/adjustments`).send({ delta: 1 });
  expect((adjusted.body as ProblemBody).detail).toContain("may or may not have been made");
  for (const line of app.log) expect(line).toMatchObject({ level: 50, status: 503 });
  expect(JSON.stringify(app.log)).not.toContain("Credential=");
});

test.each(["AccessDeniedException", "ResourceNotFoundException", "ValidationException"])(
  "answers 500 to its %s, which no retry can cure",
  async (type) => {
    const app = await appOver(failWith(400, type));
    for (const response of await Promise.all(everyRequest(app))) {
      expect(response.status).toBe(500);
      expect(response.text).not.toMatch(new RegExp(`${type}|of DynamoDB alone`));
      expect(response.headers).not.toHaveProperty("retry-after");
    }
    expect(JSON.stringify(app.log)).toContain(type);
  },
);

describe("a transaction that is cancelled", () => {
  const cancelled = (...codes: string[]) =>
    failWith(400, "TransactionCanceledException", {
      CancellationReasons: codes.map((Code) => ({ Code })),
    });

  test("because of throttling is 503", async () => {
    const { api } = await appOver(cancelled("None", "ThrottlingError"));
    await api.post("/items").send(bolt).expect(503);
  });

  test("again and again because of a conflict over its items is 503", async () => {
    const { api } = await appOver(cancelled("TransactionConflict", "None"));
    await api.post("/items").send(bolt).expect(503);
  });

  test("because another task answers a request with the same key gives 409 with Retry-After", async () => {
    const { api } = await appOver(cancelled("TransactionConflict", "None", "None"));
    const response = await api.post("/items").set("Idempotency-Key", "1").send(bolt).expect(409);
    expect(response.body).toMatchObject({ type: "urn:inventory:request-in-flight" });
    expect(response.headers["retry-after"]).toMatch(/^\d+$/);
  });
});
