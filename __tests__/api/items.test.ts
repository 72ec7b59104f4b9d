import request, { type Response } from "supertest";
import { createDynamoDbItemRepository } from "../../api/items/dynamodb-item-repository";
import { itemSchema, type Item } from "../../api/items/item";
import type { ItemRepository } from "../../api/items/item-repository";
import { createMemoryItemRepository } from "../../api/items/memory-item-repository";
import { startLocalDynamoDb, TABLE_NAME } from "./support/local-dynamodb";
import { createTestApp } from "./support/test-app";

interface Store {
  readonly repository: ItemRepository;
  readonly stop: () => Promise<void>;
}

interface Page {
  items: Item[];
  next: string | null;
}

interface ProblemBody {
  status: number;
  detail: string;
  errors?: { pointer?: string; parameter?: string; detail: string }[];
}

const stores: [string, () => Promise<Store>][] = [
  [
    "DynamoDB",
    async () => {
      const { client, stop } = await startLocalDynamoDb();
      return { repository: createDynamoDbItemRepository(TABLE_NAME, client), stop };
    },
  ],
  [
    "memory",
    () =>
      Promise.resolve({
        repository: createMemoryItemRepository(),
        stop: () => Promise.resolve(),
      }),
  ],
];

const bolt = { sku: "BOLT-M8", name: "Bolt M8", quantity: 12 };

describe.each(stores)("the items API on %s", (_name, openStore) => {
  let store: Store;
  let api: ReturnType<typeof request>;

  beforeEach(async () => {
    store = await openStore();
    api = request(createTestApp(store.repository).handler);
  });

  afterEach(async () => {
    await store.stop();
  });

  async function post(body: object = bolt): Promise<Item> {
    const response = await api.post("/items").send(body).expect(201);
    return response.body as Item;
  }

  async function getPage(path: string): Promise<Page> {
    const response = await api.get(path).expect(200);
    return response.body as Page;
  }

  async function refused(body: unknown): Promise<ProblemBody> {
    const response = await api
      .post("/items")
      .set("Content-Type", "application/json")
      .send(JSON.stringify(body))
      .expect(400)
      .expect("Content-Type", "application/problem+json");
    expect((await getPage("/items")).items).toEqual([]);
    return response.body as ProblemBody;
  }

  test("creates an item, says where it is, and serves it there", async () => {
    const sent = { ...bolt, description: "Zinc plated, 8 × 40 mm 🔩" };
    const created = await api.post("/items").send(sent).expect(201);
    const item = itemSchema.parse(created.body);

    expect(item).toMatchObject(sent);
    expect(item.createdAt).toBe(item.updatedAt);
    expect(Math.abs(Date.now() - Date.parse(item.createdAt))).toBeLessThan(10_000);
    expect(created.headers.location).toBe(`/items/${item.id}`);
    const got = await api.get(`/items/${item.id}`).expect(200);
    expect(got.body).toEqual(item);
  });

  test("leaves out a description that was not given", async () => {
    const { id } = await post();
    const got = await api.get(`/items/${id}`).expect(200);
    expect(got.body).not.toHaveProperty("description");
  });

  test("gives two items of the same content different ids", async () => {
    expect((await post()).id).not.toBe((await post()).id);
  });

  test("accepts the smallest and the largest values", async () => {
    const small = { sku: "a", name: "b", quantity: 0, description: "c" };
    const large = {
      sku: "a".repeat(64),
      name: "b".repeat(200),
      quantity: 1_000_000_000,
      description: "c".repeat(2000),
    };
    expect(await post(small)).toMatchObject(small);
    expect(await post(large)).toMatchObject(large);
  });

  test.each([
    ["a missing field", { sku: "A", name: "B" }, "/quantity"],
    ["a negative quantity", { ...bolt, quantity: -1 }, "/quantity"],
    ["a fraction", { ...bolt, quantity: 1.5 }, "/quantity"],
    ["a quantity as text", { ...bolt, quantity: "1" }, "/quantity"],
    ["a quantity beyond the limit", { ...bolt, quantity: 1_000_000_001 }, "/quantity"],
    ["an empty name", { ...bolt, name: "" }, "/name"],
    ["a name that is too long", { ...bolt, name: "n".repeat(201) }, "/name"],
    ["half of a surrogate pair", { ...bolt, name: "\ud800" }, "/name"],
    ["a sku with a space", { ...bolt, sku: "A B" }, "/sku"],
    ["a null description", { ...bolt, description: null }, "/description"],
    ["an id of the client's own", { ...bolt, id: "1" }, "/id"],
    ["an unknown field with / and ~ in its name", { ...bolt, "a/b~c": 1 }, "/a~1b~0c"],
    ["a constructor", { ...bolt, constructor: { prototype: { admin: true } } }, "/constructor"],
    ["an array", [bolt], ""],
  ])("refuses %s, points at it and stores nothing", async (_what, body, pointer) => {
    const { status, errors } = await refused(body);
    expect(status).toBe(400);
    expect(errors?.map((error) => error.pointer)).toEqual([pointer]);
  });

  test("reports every wrong field, but not thousands of them", async () => {
    const unknown = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`f${n}`, n]));
    const { errors } = await refused({ ...unknown, quantity: -1 });
    expect(errors).toHaveLength(20);
    expect(errors?.map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining(["/sku", "/name", "/quantity", "/f0"]),
    );
  });

  test("refuses a __proto__ key at any depth and stays clean", async () => {
    const bodies = [
      '{"sku":"A","name":"B","quantity":1,"__proto__":{"polluted":true}}',
      '{"sku":"A","name":"B","quantity":1,"x":{"__proto__":{"polluted":true}}}',
    ];
    for (const body of bodies) {
      await api.post("/items").set("Content-Type", "application/json").send(body).expect(400);
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect((await getPage("/items")).items).toEqual([]);
  });

  test.each([
    ["that does not exist", "00000000-0000-4000-8000-000000000000"],
    ["that is no UUID", "not-a-uuid"],
    ["of an object's own", "__proto__"],
    ["of a null character", "%00"],
    ["of broken UTF-8", "%E0%A4"],
    ["beyond the size of a key", "i".repeat(3000)],
  ])("answers 404 for an id %s", async (_what, id) => {
    const response = await api.get(`/items/${id}`).expect(404);
    expect(response.type).toBe("application/problem+json");
    expect((response.body as ProblemBody).detail).toContain("no item");
  });

  test("lists nothing at first", async () => {
    expect(await getPage("/items")).toEqual({ items: [], next: null });
  });

  test("lists every item once, page by page, by cursor and by Link header", async () => {
    const created: string[] = [];
    for (let n = 0; n < 7; n++) created.push((await post({ ...bolt, sku: `S${n}` })).id);

    const listed: string[] = [];
    let path: string | undefined = "/items?limit=3";
    while (path !== undefined) {
      const response: Response = await api.get(path).expect(200);
      const { items, next } = response.body as Page;
      const link = response.headers.link;
      expect(items.length).toBeLessThanOrEqual(3);
      expect(link).toBe(next === null ? undefined : `</items?limit=3&cursor=${next}>; rel="next"`);
      listed.push(...items.map(({ id }) => id));
      path = link && /^<(.*)>/.exec(link)?.[1];
    }
    expect(listed).toHaveLength(7);
    expect(listed.sort()).toEqual(created.sort());
  });

  test("lists 50 items when not told how many", async () => {
    await Promise.all(Array.from({ length: 51 }, () => post()));
    expect((await getPage("/items")).items).toHaveLength(50);
    expect((await getPage("/items?limit=100")).items).toHaveLength(51);
  });

  test("goes on from a cursor whose item does not exist", async () => {
    await post();
    const cursor = Buffer.from("00000000-0000-4000-8000-000000000000").toString("base64url");
    const { items, next } = await getPage(`/items?cursor=${cursor}`);
    expect(items.length).toBeLessThanOrEqual(1);
    expect(next).toBeNull();
  });

  const validCursor = Buffer.from("00000000-0000-4000-8000-000000000000").toString("base64url");
  test.each([
    ["cursor=", "cursor"],
    ["cursor=nonsense", "cursor"],
    [`cursor=${validCursor}!`, "cursor"],
    [`cursor=${validCursor.slice(1)}`, "cursor"],
    [`cursor=${validCursor}&cursor=${validCursor}`, "cursor"],
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["limit=-1", "limit"],
    ["limit=1.5", "limit"],
    ["limit=", "limit"],
    ["limit=1e1", "limit"],
    ["limit=9999999999999999999999", "limit"],
    ["limit=1&limit=2", "limit"],
    ["limmit=1", "limmit"],
    ["__proto__=1", "__proto__"],
  ])("refuses the query %s and names the parameter", async (query, parameter) => {
    const response = await api.get(`/items?${query}`).expect(400);
    const { errors } = response.body as ProblemBody;
    expect(errors?.map((error) => error.parameter)).toEqual([parameter]);
  });

  test("never replaces an item that has the same id", async () => {
    const item = await post();
    await expect(store.repository.put({ ...item, name: "Other" })).rejects.toThrow();
    expect(await store.repository.get(item.id)).toEqual(item);
  });
});
