import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import request from "supertest";
import { createDynamoDbClient } from "../../api/items/dynamodb-client";
import { createDynamoDbItemRepository } from "../../api/items/dynamodb-item-repository";
import { awsEnvironment, startLocalDynamoDb, TABLE_NAME } from "./support/local-dynamodb";
import { createTestApp } from "./support/test-app";

const bolt = { sku: "BOLT-M8", name: "Bolt M8", quantity: 12 };

test("the API asks for GetItem, PutItem and Scan, and for nothing else", async () => {
  const { client, actions, stop } = await startLocalDynamoDb();
  const { handler } = createTestApp(createDynamoDbItemRepository(TABLE_NAME, client));

  const created = await request(handler).post("/items").send(bolt).expect(201);
  await request(handler).get(String(created.headers.location)).expect(200);
  await request(handler).get("/items").expect(200);
  expect(actions).toEqual(["PutItem", "GetItem", "Scan"]);
  await stop();
});

describe("with a DynamoDB in trouble", () => {
  const ID = "00000000-0000-4000-8000-000000000000";
  const environment = process.env;
  let server: Server | undefined;

  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    process.env = environment;
  });

  async function appOver(answer: RequestListener) {
    server = createServer(answer).listen(0, "127.0.0.1");
    await once(server, "listening");
    return appOn((server.address() as AddressInfo).port);
  }

  function appOn(port: number) {
    process.env = { ...environment, ...awsEnvironment(port), AWS_MAX_ATTEMPTS: "2" };
    return createTestApp(createDynamoDbItemRepository(TABLE_NAME, createDynamoDbClient()));
  }

  function failWith(status: number, type: string): RequestListener {
    return (_request, response) => {
      response.writeHead(status, { "Content-Type": "application/x-amz-json-1.0" });
      response.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}` }));
    };
  }

  async function expectUnavailable({ handler, log }: ReturnType<typeof createTestApp>) {
    const response = await request(handler)
      .get(`/items/${ID}`)
      .expect(503)
      .expect("Content-Type", "application/problem+json")
      .expect("Retry-After", /^\d+$/);
    expect(Object.keys(response.body as object)).toEqual(["type", "title", "status", "detail"]);
    expect(response.text).not.toMatch(/dynamo|aws|127\.0\.0\.1/i);
    expect(log).toHaveLength(1);
    expect(log[0]).toMatchObject({ level: 50, status: 503 });
    expect(JSON.stringify(log)).not.toContain("Credential=");
  }

  test("answers 503 to every kind of request when it is away", async () => {
    const { handler } = await appOver(() => undefined);
    const { port } = server?.address() as AddressInfo;
    server?.close();
    const away = appOn(port);
    await expectUnavailable(away);
    await request(handler).get("/items").expect(503);
    await request(handler).post("/items").send(bolt).expect(503);
  });

  test("answers 503 when it accepts and never answers", async () => {
    const app = await appOver(() => undefined);
    process.env.AWS_MAX_ATTEMPTS = "1";
    await expectUnavailable(app);
  });

  test("answers 503 when it resets the connection", async () => {
    await expectUnavailable(await appOver(({ socket }) => socket.destroy()));
  });

  test.each([
    [400, "ProvisionedThroughputExceededException"],
    [400, "ThrottlingException"],
    [400, "RequestLimitExceeded"],
    [500, "InternalServerError"],
    [503, "ServiceUnavailable"],
  ])("answers 503 to its %i %s", async (status, type) => {
    await expectUnavailable(await appOver(failWith(status, type)));
  });

  test.each(["AccessDeniedException", "ResourceNotFoundException", "ValidationException"])(
    "answers 500 to its %s, which no retry can cure",
    async (type) => {
      const { handler, log } = await appOver(failWith(400, type));
      const response = await request(handler).get(`/items/${ID}`).expect(500);
      expect(response.text).not.toContain(type);
      expect(response.headers).not.toHaveProperty("retry-after");
      expect(JSON.stringify(log)).toContain(type);
    },
  );
});
