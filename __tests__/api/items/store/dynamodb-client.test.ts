import {
  BatchGetItemCommand,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { once } from "node:events";
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createDynamoDbClient } from "../../../../api/items/store/dynamodb-client";

jest.setTimeout(30_000);

const originalEnv = process.env;
const REPEATS = ["always", "only-if-not-done"] as const;
const get = new GetItemCommand({ TableName: "items", Key: { id: { S: "1" } } });
const put = new PutItemCommand({ TableName: "items", Item: { id: { S: "1" } } });

let server: Server;
/** The server's behaviour for each attempt, in order. Further attempts get the answer. */
let attempts: RequestListener[];
let attempted: number;

beforeEach(async () => {
  attempts = [];
  attempted = 0;
  server = createServer((request, response) => {
    (attempts[attempted++] ?? answer)(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  process.env = {
    ...originalEnv,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
  process.env = originalEnv;
});

const ITEM = JSON.stringify({ Item: { id: { S: "1" } } });

const answer: RequestListener = (_request, response) => {
  send(response, 200, ITEM);
};

const failWith =
  (status: number, type: string): RequestListener =>
  (_request, response) => {
    send(response, status, JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}` }));
  };

const reset: RequestListener = ({ socket }) => {
  socket.resetAndDestroy();
};

function send(response: ServerResponse, status: number, body: string) {
  response.writeHead(status, { "Content-Type": "application/x-amz-json-1.0" }).end(body);
}

test("keeps its connection", async () => {
  const connections: Socket[] = [];
  server.on("connection", (socket) => connections.push(socket));
  const client = createDynamoDbClient({ repeat: "always" });
  await client.send(get);
  await client.send(put);
  expect(connections).toHaveLength(1);
});

test("has 200 calls under way at a time", async () => {
  const waiting: ServerResponse[] = [];
  attempts = Array.from({ length: 200 }, () => (_request, response) => {
    if (waiting.push(response) === 200) for (const each of waiting) send(each, 200, ITEM);
  });
  const client = createDynamoDbClient({ repeat: "only-if-not-done" });
  await Promise.all(attempts.map(() => client.send(get)));
  expect(attempted).toBe(200);
});

describe.each(REPEATS)("a client that repeats %s", (repeat) => {
  test.each([
    ["ProvisionedThroughputExceededException", 400],
    ["ThrottlingException", 400],
    ["RequestLimitExceeded", 400],
  ])("repeats a call that was refused with %s", async (type, status) => {
    attempts = [failWith(status, type)];
    await createDynamoDbClient({ repeat }).send(put);
    expect(attempted).toBe(2);
  });

  test("repeats a call when the connection is refused", async () => {
    await new Promise((resolve) => server.close(resolve));
    process.env.AWS_MAX_ATTEMPTS = "2";
    const refused = createDynamoDbClient({ repeat }).send(put);
    await expect(refused).rejects.toMatchObject({ $metadata: { attempts: 2 } });
  });

  test.each(["AccessDeniedException", "ConditionalCheckFailedException", "ValidationException"])(
    "does not repeat a call that was refused with %s",
    async (type) => {
      attempts = [failWith(400, type)];
      await expect(createDynamoDbClient({ repeat }).send(put)).rejects.toThrow();
      expect(attempted).toBe(1);
    },
  );

  test("makes as many attempts as the SDK's environment says", async () => {
    process.env.AWS_MAX_ATTEMPTS = "2";
    attempts = Array<RequestListener>(4).fill(failWith(400, "ThrottlingException"));
    await expect(createDynamoDbClient({ repeat }).send(put)).rejects.toThrow();
    expect(attempted).toBe(2);
  });
});

describe("a call that may have been done", () => {
  const silent: RequestListener = () => undefined;
  const halfAnAnswer: RequestListener = (_request, response) => {
    response.writeHead(200, { "Content-Length": ITEM.length }).write(ITEM.slice(0, 5));
  };

  describe.each([
    ["reset", reset],
    ["answered 500", failWith(500, "InternalServerError")],
    ["answered 503", failWith(503, "ServiceUnavailable")],
    ["not answered", silent],
    ["answered in half", halfAnAnswer],
  ])("as it was %s", (_what, behaviour) => {
    test("is repeated by a client that always repeats", async () => {
      attempts = [behaviour];
      const { Item } = await createDynamoDbClient({ repeat: "always" }).send(get);
      expect(Item).toEqual({ id: { S: "1" } });
      expect(attempted).toBe(2);
    });

    test("is not repeated by a client that repeats only calls that were not executed", async () => {
      attempts = [behaviour];
      const client = createDynamoDbClient({ repeat: "only-if-not-done" });
      await expect(client.send(put)).rejects.toThrow();
      expect(attempted).toBe(1);
      await client.send(put);
    });
  });
});

test("a write that met a transaction on its item is repeated, as it was not done", async () => {
  attempts = [failWith(400, "TransactionConflictException")];
  await createDynamoDbClient({ repeat: "only-if-not-done" }).send(put);
  expect(attempted).toBe(2);
});

test("a call whose answer drips in is given up at the deadline", async () => {
  let dripping: NodeJS.Timeout | undefined;
  attempts = [
    (_request, response) => {
      response.writeHead(200, { "Content-Length": 1_000_000 });
      dripping = setInterval(() => response.write(" "), 100);
    },
  ];
  const dripped = createDynamoDbClient({ repeat: "always" }).send(get);
  await expect(dripped).rejects.toThrow("DynamoDB did not answer within 6000 ms");
  expect(attempted).toBe(1);
  clearInterval(dripping);
});

test("each attempt is counted by its action, and whether it was repeated or throttled", async () => {
  const counted: unknown[] = [];
  const metrics = {
    request: () => undefined,
    dynamoDb: (...attempt: unknown[]) => counted.push(attempt),
    flush: () => undefined,
  };
  attempts = [failWith(400, "ThrottlingException"), failWith(500, "InternalServerError")];
  await createDynamoDbClient({ repeat: "always", metrics }).send(get);
  expect(counted).toEqual([
    ["GetItem", { repeated: false, throttled: true }],
    ["GetItem", { repeated: true, throttled: false }],
    ["GetItem", { repeated: true, throttled: false }],
  ]);
});

test("throttling that is hidden in an answer is counted too", async () => {
  const throttled: unknown[] = [];
  const metrics = {
    request: () => undefined,
    dynamoDb: (action: string, outcome: { throttled: boolean }) =>
      throttled.push([action, outcome.throttled]),
    flush: () => undefined,
  };
  const client = createDynamoDbClient({ repeat: "always", metrics });
  const Keys = [{ id: { S: "1" } }];
  const batch = new BatchGetItemCommand({ RequestItems: { items: { Keys } } });
  const transaction = new TransactWriteItemsCommand({
    TransactItems: [{ Put: { TableName: "items", Item: { id: { S: "1" } } } }],
  });
  const cancelledFor =
    (Code: string): RequestListener =>
    (_request, response) => {
      const __type = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
      send(response, 400, JSON.stringify({ __type, CancellationReasons: [{ Code }] }));
    };
  const batchAnswer =
    (UnprocessedKeys: object): RequestListener =>
    (_request, response) => {
      send(response, 200, JSON.stringify({ Responses: {}, UnprocessedKeys }));
    };
  attempts = [
    batchAnswer({}),
    batchAnswer({ items: { Keys } }),
    cancelledFor("ThrottlingError"),
    cancelledFor("ConditionalCheckFailed"),
  ];
  await client.send(batch);
  await client.send(batch);
  await expect(client.send(transaction)).rejects.toThrow();
  await expect(client.send(transaction)).rejects.toThrow();
  expect(throttled).toEqual([
    ["BatchGetItem", false],
    ["BatchGetItem", true],
    ["TransactWriteItems", true],
    ["TransactWriteItems", false],
  ]);
});
