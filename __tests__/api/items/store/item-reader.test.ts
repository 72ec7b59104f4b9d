import { EventEmitter, once } from "node:events";
import { createServer, request, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setImmediate as turn } from "node:timers/promises";
import {
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  waitUntilTableExists,
  type BatchGetItemInput,
  type BatchGetItemOutput,
} from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { createItem, type Item } from "../../../../api/items/item";
import { createItemReader, type ItemReader } from "../../../../api/items/store/item-reader";
import { StoreUnavailableError } from "../../../../api/items/item-repository";
import { rowOf, type Row } from "../../../../api/items/store/item-row";

const TABLE = "items";
const ABSENT = "00000000-0000-4000-8000-000000000000";

/** Answers a call instead of DynamoDB, or returns undefined to forward the call. */
type Intercept = (call: BatchGetItemInput) => Promise<Answer | undefined> | Answer | undefined;
type Answer = { readonly status: number; readonly body: object } | "reset";

let database: Server;
let proxy: Server;
let client: DynamoDBClient;
let reader: ItemReader;
let intercept: Intercept;
/** The received calls, in order. */
let calls: BatchGetItemInput[];

beforeAll(async () => {
  database = await listening(dynalite({ createTableMs: 0 }));
  const direct = clientOf(database);
  await direct.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    }),
  );
  await waitUntilTableExists(
    { client: direct, maxWaitTime: 10, minDelay: 0.1, maxDelay: 0.1 },
    { TableName: TABLE },
  );
  direct.destroy();
});

beforeEach(async () => {
  calls = [];
  intercept = () => undefined;
  proxy = await listening(proxyTo(database));
  client = clientOf(proxy);
  reader = createItemReader({ client, tableName: TABLE });
});

afterEach(() => {
  client.destroy();
  close(proxy);
});

afterAll(() => {
  close(database);
});

test("reads that arrive together are one call, and each gets its own item", async () => {
  const items = await storedItems(3);
  const ids = [...items.map(({ id }) => id), ABSENT];

  expect(await Promise.all(ids.map((id) => reader.read(id, false)))).toEqual([...items, undefined]);
  expect(calls.map(keysOf)).toEqual([ids]);
});

test("a lone read is sent within the turn of the event loop in which it came", async () => {
  const started: string[] = [];
  client.middlewareStack.add(
    (next, { commandName }) => {
      started.push(String(commandName));
      return next;
    },
    { step: "initialize" },
  );
  const result = reader.read(ABSENT, false);
  await turn();
  expect(started).toEqual(["BatchGetItemCommand"]);
  expect(await result).toBeUndefined();
});

test("an id that is asked for twice at once is one key", async () => {
  const [item] = await storedItems(1);
  const results = await Promise.all([reader.read(item.id, false), reader.read(item.id, false)]);
  expect(results).toEqual([item, item]);
  expect(calls.map(keysOf)).toEqual([[item.id]]);
});

test("a call has at most 100 keys, and no key comes in two of them", async () => {
  const items = await storedItems(3);
  const absent = Array.from({ length: 150 }, () => createItem(bolt).id);
  const ids = [items[0].id, ...absent, items[1].id, items[2].id, items[0].id];

  const results = await Promise.all(ids.map((id) => reader.read(id, false)));
  expect(results.filter((item) => item !== undefined)).toEqual([...items, items[0]]);
  expect(calls.map((call) => keysOf(call).length).sort()).toEqual([100, 53]);
  expect(new Set(calls.flatMap(keysOf)).size).toBe(153);
});

test("a read that comes while its item is being read sees what was written meanwhile", async () => {
  const [item] = await storedItems(1);
  const held = new EventEmitter();
  intercept = async () => {
    intercept = () => undefined;
    held.emit("held");
    await once(held, "release");
    return undefined;
  };
  const before = reader.read(item.id, true);
  await once(held, "held");
  const changed = { ...item, quantity: 99, version: 2 };
  await store(rowOf(changed));

  expect(await reader.read(item.id, true)).toEqual(changed);
  held.emit("release");
  await before;
  expect(calls).toHaveLength(2);
});

test("strongly and eventually consistent reads are separate calls", async () => {
  const [item] = await storedItems(1);
  await Promise.all([reader.read(item.id, true), reader.read(item.id, false)]);
  expect(calls.map((call) => [keysOf(call), isConsistent(call)])).toEqual(
    expect.arrayContaining([
      [[item.id], true],
      [[item.id], false],
    ]),
  );
  expect(calls).toHaveLength(2);
});

describe("when DynamoDB leaves keys out of its answer", () => {
  test("only they are requested again, together and with the same consistency", async () => {
    const items = await storedItems(4);
    const left = items.slice(2).map(({ id }) => id);
    intercept = leavingOut(left, 2);

    expect(await Promise.all(items.map(({ id }) => reader.read(id, true)))).toEqual(items);
    expect(calls.map(keysOf)).toEqual([items.map(({ id }) => id), left, left]);
    expect(calls.map(isConsistent)).toEqual([true, true, true]);
  });

  test("an item that does not exist differs from one that was left out", async () => {
    const [item] = await storedItems(1);
    intercept = leavingOut([item.id], 1);
    expect(await Promise.all([reader.read(item.id, false), reader.read(ABSENT, false)])).toEqual([
      item,
      undefined,
    ]);
  });

  test("the others are answered without waiting for them", async () => {
    const [item, other] = await storedItems(2);
    const released = new EventEmitter();
    const leave = leavingOut([other.id], 1);
    intercept = async (call) => {
      if (calls.length === 2) await once(released, "release");
      return leave(call);
    };
    const late = reader.read(other.id, false);
    expect(await reader.read(item.id, false)).toEqual(item);
    // This also releases a call that was not held yet.
    intercept = () => undefined;
    released.emit("release");
    expect(await late).toEqual(other);
  });

  test("the store is unavailable for them, after five attempts, and for no others", async () => {
    const [item, other] = await storedItems(2);
    intercept = leavingOut([other.id], Infinity);
    const results = await Promise.allSettled([
      reader.read(item.id, false),
      reader.read(other.id, false),
    ]);
    expect(results).toEqual([
      { status: "fulfilled", value: item },
      { status: "rejected", reason: expect.any(StoreUnavailableError) as unknown },
    ]);
    expect(calls).toHaveLength(5);
  });

  test("a call for them that fails takes nothing from those that are answered", async () => {
    const [item, other] = await storedItems(2);
    const leave = leavingOut([other.id], 1);
    intercept = (call) => (calls.length === 1 ? leave(call) : throttled);
    const results = await Promise.allSettled([
      reader.read(item.id, false),
      reader.read(other.id, false),
    ]);
    expect(results).toEqual([
      { status: "fulfilled", value: item },
      { status: "rejected", reason: expect.any(StoreUnavailableError) as unknown },
    ]);
  });
});

test("a row that is no item fails its own read only", async () => {
  const [broken, item] = await storedItems(2);
  const row: Row = rowOf(broken);
  delete row.name;
  await store(row);

  const results = await Promise.allSettled([
    reader.read(broken.id, false),
    reader.read(item.id, false),
  ]);
  expect(results).toEqual([
    { status: "rejected", reason: expect.any(Error) as unknown },
    { status: "fulfilled", value: item },
  ]);
  const [{ reason }] = results as [{ readonly reason: unknown }, unknown];
  expect(reason).not.toBeInstanceOf(StoreUnavailableError);
  expect(String(reason)).toContain(`${broken.id} is not an item: name`);
});

test.each([
  ["throttles", { status: 400, body: { __type: type("ProvisionedThroughputExceededException") } }],
  ["has a fault", { status: 500, body: { __type: type("InternalServerError") } }],
  ["resets the connection", "reset"],
] as const)(
  "the store is unavailable to all reads of a call when DynamoDB %s, and then recovers",
  async (_what, answer) => {
    const items = await storedItems(2);
    const readAll = () => Promise.allSettled(items.map(({ id }) => reader.read(id, false)));
    intercept = () => answer;
    const unavailable = {
      status: "rejected",
      reason: expect.any(StoreUnavailableError) as unknown,
    };
    expect(await readAll()).toEqual([unavailable, unavailable]);

    intercept = () => undefined;
    expect(await readAll()).toEqual(items.map((value) => ({ status: "fulfilled", value })));
  },
);

test("an error in this code stays unchanged", async () => {
  intercept = () => ({ status: 400, body: { __type: type("AccessDeniedException") } });
  await expect(reader.read(ABSENT, false)).rejects.toMatchObject({ name: "AccessDeniedException" });
});

const bolt = {
  sku: "BOLT-M8",
  name: "Bolt M8",
  quantity: 12,
  unitPrice: "0.35",
  attributes: { origin: "Uji" },
};

const throttled: Answer = { status: 400, body: { __type: type("ThrottlingException") } };

function type(name: string) {
  return `com.amazonaws.dynamodb.v20120810#${name}`;
}

const keysOf = ({ RequestItems }: BatchGetItemInput) =>
  (RequestItems?.[TABLE]?.Keys ?? []).map(({ id }) => id?.S ?? "");

const isConsistent = ({ RequestItems }: BatchGetItemInput) => RequestItems?.[TABLE]?.ConsistentRead;

type AtLeast<Count extends number> = Count extends 1
  ? [Item, ...Item[]]
  : Count extends 2
    ? [Item, Item, ...Item[]]
    : [Item, Item, Item, ...Item[]];

async function storedItems<Count extends number>(count: Count): Promise<AtLeast<Count>> {
  const items = Array.from({ length: count }, () => createItem(bolt));
  for (const item of items) await store(rowOf(item));
  return items as AtLeast<Count>;
}

async function store(row: Row) {
  const direct = clientOf(database);
  await direct.send(new PutItemCommand({ TableName: TABLE, Item: row }));
  direct.destroy();
}

/** Answers without `ids` and reports them as unprocessed, `times` times. */
function leavingOut(ids: readonly string[], times: number): Intercept {
  let left = times;
  return async (call) => {
    if (left-- <= 0) return undefined;
    const { status, body } = await forward(call);
    const { Responses } = body as BatchGetItemOutput;
    const answered = Responses?.[TABLE]?.filter(({ id }) => !ids.includes(id?.S ?? ""));
    const ConsistentRead = isConsistent(call);
    const Keys = ids.map((id) => ({ id: { S: id } }));
    const UnprocessedKeys = { [TABLE]: { Keys, ConsistentRead } };
    return { status, body: { Responses: { [TABLE]: answered }, UnprocessedKeys } };
  };
}

/** Records every call, and forwards those that `intercept` does not answer itself. */
function proxyTo(target: Server): Server {
  return createServer((incoming, response) => {
    void (async () => {
      const call = JSON.parse(await text(incoming)) as BatchGetItemInput;
      calls.push(call);
      headers = { ...incoming.headers, host: undefined, "content-length": undefined };
      const answer = (await intercept(call)) ?? (await forward(call, target));
      if (answer === "reset") {
        incoming.socket.destroy();
        return;
      }
      response.writeHead(answer.status, { "Content-Type": "application/x-amz-json-1.0" });
      response.end(JSON.stringify(answer.body));
    })();
  });
}

/** The headers of the last call. A forwarded call needs them because they contain its signature. */
let headers: Record<string, string | string[] | undefined>;

async function forward(call: BatchGetItemInput, target = database) {
  const sent = request({ port: portOf(target), method: "POST", agent: false });
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) sent.setHeader(name, value);
  }
  sent.end(JSON.stringify(call));
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return {
    status: response.statusCode ?? 0,
    body: JSON.parse(await text(response)) as object,
  };
}

async function listening(server: Server): Promise<Server> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

function close(server: Server) {
  server.closeAllConnections();
  server.close();
}

function clientOf(server: Server): DynamoDBClient {
  return new DynamoDBClient({
    endpoint: `http://127.0.0.1:${portOf(server)}`,
    region: "eu-central-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
}
