import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { randomUUID } from "node:crypto";
import { createDynamoDbItemRepository } from "../../api/items/store/dynamodb-item-repository";
import { platform as inventory } from "../../platforms/inventory/platform";
import { itemBehaviours } from "../api/behaviours";
import { bolt } from "../api/behaviours/store";
import { createItemTables } from "../api/support/item-tables";
import { createTestApp } from "../api/support/test-app";
import { EmulatedDynamoDb } from "./support/emulated-items";

const dynamoDb = new EmulatedDynamoDb();

beforeAll(() => dynamoDb.start(), 60_000);
afterAll(() => dynamoDb.stop());

describe("items in DynamoDB", () => {
  itemBehaviours(() => dynamoDb.openStore(), 60);

  test("an answer is remembered for a day at least, and then is forgotten, deleted or not", async () => {
    const tables = await createItemTables(dynamoDb.client, randomUUID());
    const { client } = dynamoDb;
    const { api } = createTestApp(
      createDynamoDbItemRepository({ ...tables, client, cautiousClient: client }),
    );
    const create = (sku: string) =>
      api
        .post("/items")
        .set("Idempotency-Key", "one")
        .send({ ...bolt, sku });
    await create("A").expect(201);
    await create("B").expect(422);

    const TableName = tables.claimsTable;
    const Key = { claim: { S: "request#one" } };
    const { Item } = await client.send(new GetItemCommand({ TableName, Key }));
    const nowSeconds = Math.floor(Date.now() / 1000);
    expect(Number(Item?.expiresAt?.N)).toBeGreaterThan(nowSeconds + 24 * 3600);

    const expiresAt = { N: String(nowSeconds - 1) };
    await client.send(new PutItemCommand({ TableName, Item: { ...Item, expiresAt } }));
    await create("B").expect(201);
  });

  test("these tests used every action that the task role allows, and no other", () => {
    const grants = inventory.services.flatMap((service) => service.grants ?? []);
    const allowed = grants.flatMap(({ table, actions, indexes = [] }) => [
      ...actions.map((action) => `${table} ${action}`),
      ...indexes.flatMap(({ name, actions }) =>
        actions.map((action) => `${table}/${name} ${action}`),
      ),
    ]);
    // The table names of each test have a unique prefix.
    const taken = [...dynamoDb.proxy.actions].map((action) =>
      action.replace(/^[0-9a-f-]{36}-/, ""),
    );
    expect([...new Set(taken)].sort()).toEqual(allowed.sort());
  });
});
