import { UpdateTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { randomUUID } from "node:crypto";
import type { Response } from "supertest";
import { createDynamoDbClient } from "../../api/items/store/dynamodb-client";
import { createDynamoDbItemRepository } from "../../api/items/store/dynamodb-item-repository";
import type { Item } from "../../api/items/item";
import { bolt } from "../api/behaviours/store";
import { createItemTables, type ItemTables } from "../api/support/item-tables";
import { createTestApp } from "../api/support/test-app";
import { EmulatedDynamoDb } from "./support/emulated-items";
import type { Fault } from "./support/fault-proxy";
import { waitUntil } from "./support/wait-until";

jest.setTimeout(60_000);

const dynamoDb = new EmulatedDynamoDb();
const env = process.env;
const clients: DynamoDBClient[] = [];
let app: ReturnType<typeof createTestApp>;
let tables: ItemTables;

beforeAll(async () => {
  await dynamoDb.start();
  process.env = { ...env, ...dynamoDb.env, AWS_MAX_ATTEMPTS: "2" };
});

beforeEach(async () => {
  tables = await createItemTables(dynamoDb.client, randomUUID());
  const client = createDynamoDbClient({ repeat: "always" });
  const cautiousClient = createDynamoDbClient({ repeat: "only-if-not-done" });
  clients.push(client, cautiousClient);
  app = createTestApp(createDynamoDbItemRepository({ ...tables, client, cautiousClient }));
});

afterEach(() => {
  dynamoDb.proxy.heal();
  for (const client of clients.splice(0)) client.destroy();
});

afterAll(async () => {
  await dynamoDb.stop();
  process.env = env;
});

const ALWAYS = 1_000;
const post = (key?: string) => {
  const sent = app.api.post("/items").send(bolt);
  return key === undefined ? sent : sent.set("Idempotency-Key", key);
};
const take = (id: string, key?: string) => {
  const sent = app.api.post(`/items/${id}/adjustments`).send({ delta: -1 });
  return key === undefined ? sent : sent.set("Idempotency-Key", key);
};
const created = async () => (await post().expect(201)).body as Item;
const stored = async (id: string) =>
  (await app.api.get(`/items/${id}?consistent=true`).expect(200)).body as Item;
const all = async () => ((await app.api.get("/items").expect(200)).body as { items: Item[] }).items;

const FAULTS: Fault[] = [
  "reset before",
  "reset after",
  "500 before",
  "500 after",
  "throttled",
  "silent before",
  "silent after",
];

describe.each(FAULTS)("when DynamoDB's answer is %s", (fault) => {
  test("once, it does not affect a read, a create, a patch or a delete", async () => {
    dynamoDb.proxy.next(1, fault, "TransactWriteItems");
    const { id } = await created();
    dynamoDb.proxy.next(1, fault, "BatchGetItem");
    await stored(id);
    dynamoDb.proxy.next(1, fault, "TransactWriteItems");
    const patch = app.api.patch(`/items/${id}`).set("If-Match", '"1"').send({ name: "New" });
    await patch.expect(200);
    expect(await stored(id)).toMatchObject({ name: "New", version: 2 });
    dynamoDb.proxy.next(1, fault, "TransactWriteItems");
    await app.api.delete(`/items/${id}`).set("If-Match", '"2"').expect(204);
    expect(await all()).toEqual([]);
  });

  test("always, the answer is 503 with Retry-After, and later it serves again without a restart", async () => {
    const { id } = await created();
    dynamoDb.proxy.next(ALWAYS, fault);
    const answers = await Promise.all([
      app.api.get(`/items/${id}`),
      app.api.get("/items"),
      app.api.get("/items?maxQuantity=5"),
      app.api.get(`/items?sku=${bolt.sku}`),
      app.api.post("/items").send({ ...bolt, sku: "OTHER" }),
      take(id),
    ]);
    for (const { status, headers, text } of answers) {
      expect(status).toBe(503);
      expect(headers["retry-after"]).toMatch(/^\d+$/);
      expect(text).not.toMatch(/dynamo|aws|ECONN|127\.0\.0\.1/i);
    }
    await app.api.get("/health").expect(200);

    dynamoDb.proxy.heal();
    await stored(id);
    await take(id).expect(200);
  });

  test("an adjustment without a key is done at most once, and 503 says that it may be", async () => {
    const item = await created();
    dynamoDb.proxy.next(1, fault, "UpdateItem");
    const { status } = await take(item.id);
    dynamoDb.proxy.heal();
    const { quantity } = await stored(item.id);
    expect([status, item.quantity - quantity]).toEqual(
      { throttled: [200, 1] }[fault as string] ?? [503, fault.endsWith("after") ? 1 : 0],
    );
  });

  test("a create and an adjustment with a key are done once, however often they are sent", async () => {
    dynamoDb.proxy.next(ALWAYS, fault, "TransactWriteItems");
    await post("create").expect(503);
    dynamoDb.proxy.heal();
    const first = await post("create").expect(201);
    const { id } = first.body as Item;
    dynamoDb.proxy.next(ALWAYS, fault, "TransactWriteItems");
    await take(id, "take").expect(503);
    dynamoDb.proxy.heal();
    const taken = await take(id, "take").expect(200);
    expect((await take(id, "take").expect(200)).body).toEqual(taken.body);
    expect(await all()).toEqual([taken.body]);
    expect(taken.body).toMatchObject({ quantity: bolt.quantity - 1, version: 2 });
  });
});

describe("above a table's maximum on-demand throughput", () => {
  const limit = async (OnDemandThroughput: Record<string, number>) => {
    const Update = { IndexName: "by-quantity", OnDemandThroughput };
    await dynamoDb.client.send(
      new UpdateTableCommand({
        TableName: tables.itemsTable,
        OnDemandThroughput,
        GlobalSecondaryIndexUpdates: [{ Update }],
      }),
    );
  };
  const flood = (send: (i: number) => PromiseLike<Response>) =>
    Promise.all(Array.from({ length: 20 }, (_, i) => send(i)));

  test.each([
    ["reads", { MaxReadRequestUnits: 1 }, (id: string) => app.api.get(`/items/${id}`)],
    ["pages of a table", { MaxReadRequestUnits: 1 }, () => app.api.get("/items")],
    ["pages of an index", { MaxReadRequestUnits: 5 }, () => app.api.get("/items?maxQuantity=1000")],
    ["adjustments", { MaxWriteRequestUnits: 1 }, (id: string) => take(id)],
    [
      "transactions",
      { MaxWriteRequestUnits: 1 },
      (_id: string, i: number) => app.api.post("/items").send({ ...bolt, sku: `SKU-${i}` }),
    ],
  ])("a flood of %s is answered with 503 and when to come again", async (_, throughput, send) => {
    const { id } = await created();
    await limit(throughput);
    const answers = await flood((i) => send(id, i));
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    for (const { status, headers } of answers) {
      expect([200, 201, 503]).toContain(status);
      expect(headers["retry-after"]).toEqual(
        status === 503 ? (expect.stringMatching(/^\d+$/) as string) : undefined,
      );
    }
    await waitUntil("it serves again", async () => (await send(id, 100)).status < 300, 20_000);
  });
});

test("a connection that was closed while it was idle is not an error", async () => {
  const { id } = await created();
  dynamoDb.proxy.heal();
  await stored(id);
});
