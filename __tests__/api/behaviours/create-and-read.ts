import { itemSchema } from "../../../api/items/item";
import { bolt, useApi, type OpenStore, type ProblemBody } from "./store";

export function createAndRead(open: OpenStore) {
  const tested = useApi(open);

  test("creates an item, returns its location, and serves it there", async () => {
    const sent = {
      ...bolt,
      description: "Zinc plated, 8 × 40 mm 🔩",
      attributes: { thread: "M8", length: "40" },
    };
    const created = await tested.api.post("/items").send(sent).expect(201);
    const item = itemSchema.parse(created.body);

    expect(item).toMatchObject({ ...sent, version: 1 });
    expect(item.createdAt).toBe(item.updatedAt);
    expect(Math.abs(Date.now() - Date.parse(item.createdAt))).toBeLessThan(10_000);
    expect(created.headers).toMatchObject({ location: `/items/${item.id}`, etag: '"1"' });
    const read = await tested.api.get(`/items/${item.id}?consistent=true`).expect(200);
    expect(read.body).toEqual(item);
    expect(read.headers.etag).toBe('"1"');
    await tested.api.get(`/items/${item.id}`).expect(200);
  });

  test("omits fields that were not given", async () => {
    const { id } = await tested.post();
    const item = await tested.get(id);
    expect(item).not.toHaveProperty("description");
    expect(item).not.toHaveProperty("attributes");
  });

  test("answers 304 without a body when the client has the item already", async () => {
    const { id } = await tested.post();
    for (const tag of ['"1"', '"7", "1"', "*", 'W/"1"']) {
      const { text, headers } = await tested.api
        .get(`/items/${id}`)
        .set("If-None-Match", tag)
        .expect(304);
      expect([text, headers.etag]).toEqual(["", '"1"']);
    }
    await tested.api.get(`/items/${id}`).set("If-None-Match", '"2"').expect(200);
    await tested.api.head(`/items/${id}`).set("If-None-Match", '"1"').expect(304);
  });

  test("answers HEAD with the headers of GET", async () => {
    const { id } = await tested.post();
    const got = await tested.api.get(`/items/${id}`).expect(200);
    const head = await tested.api.head(`/items/${id}`).expect(200);
    expect(head.text).toBeUndefined();
    for (const name of ["content-length", "content-type", "etag"]) {
      expect([name, head.headers[name]]).toEqual([name, got.headers[name]]);
    }
  });

  test("a sku is of one item only, and its problem has a type of its own", async () => {
    const { id } = await tested.post();
    const response = await tested.api
      .post("/items")
      .send({ ...bolt, name: "Other" })
      .expect(409);
    expect(response.body).toMatchObject({ type: "urn:inventory:sku-taken" });
    expect((await tested.list()).items.map((item) => item.id)).toEqual([id]);
  });

  test("of 20 creates of one sku at once, one wins", async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => tested.anotherTask().post("/items").send(bolt)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([
      201,
      ...Array<number>(19).fill(409),
    ]);
    expect((await tested.list()).items).toHaveLength(1);
  });

  test("accepts the smallest and the largest values", async () => {
    const attributes = Object.fromEntries(
      Array.from({ length: 50 }, (_, n) => [`${n}`.padStart(64, "k"), "v".repeat(500)]),
    );
    const small = {
      sku: "a",
      name: "b",
      quantity: 0,
      unitPrice: "0",
      description: "",
      attributes: {},
    };
    const large = {
      sku: "a".repeat(64),
      name: "b".repeat(200),
      quantity: 1_000_000_000,
      unitPrice: "999999999999.9999",
      description: "c".repeat(2000),
      attributes,
    };
    expect(await tested.get((await tested.post(small)).id)).toMatchObject(small);
    expect(await tested.get((await tested.post(large)).id)).toMatchObject(large);
  });

  test.each([
    ["a missing field", { sku: "A", name: "B", unitPrice: "1" }, "/quantity"],
    ["a negative quantity", { ...bolt, quantity: -1 }, "/quantity"],
    ["a fraction", { ...bolt, quantity: 1.5 }, "/quantity"],
    ["a quantity as text", { ...bolt, quantity: "1" }, "/quantity"],
    ["a quantity beyond the limit", { ...bolt, quantity: 1_000_000_001 }, "/quantity"],
    ["a price that is a float", { ...bolt, unitPrice: 0.35 }, "/unitPrice"],
    ["a price with an exponent", { ...bolt, unitPrice: "1e3" }, "/unitPrice"],
    ["a price with a leading zero", { ...bolt, unitPrice: "01.00" }, "/unitPrice"],
    ["a negative price", { ...bolt, unitPrice: "-1" }, "/unitPrice"],
    ["an empty name", { ...bolt, name: "" }, "/name"],
    ["a name that is too long", { ...bolt, name: "n".repeat(201) }, "/name"],
    ["half of a surrogate pair", { ...bolt, name: "\ud800" }, "/name"],
    ["a sku with a space", { ...bolt, sku: "A B" }, "/sku"],
    ["a null description", { ...bolt, description: null }, "/description"],
    ["an attribute that is no text", { ...bolt, attributes: { a: 1 } }, "/attributes/a"],
    ["an attribute without a name", { ...bolt, attributes: { "": "a" } }, "/attributes/"],
    [
      "too many attributes",
      { ...bolt, attributes: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [n, ""])) },
      "/attributes",
    ],
    ["an id of the client's own", { ...bolt, id: "1" }, "/id"],
    ["a version of the client's own", { ...bolt, version: 7 }, "/version"],
    ["an unknown field with / and ~ in its name", { ...bolt, "a/b~c": 1 }, "/a~1b~0c"],
    ["a constructor", { ...bolt, constructor: { prototype: { admin: true } } }, "/constructor"],
    ["an array", [bolt], ""],
  ])("refuses %s, points at it and stores nothing", async (_what, body, pointer) => {
    const response = await tested.api
      .post("/items")
      .set("Content-Type", "application/json")
      .send(JSON.stringify(body))
      .expect(400)
      .expect("Content-Type", "application/problem+json");
    const { errors } = response.body as ProblemBody;
    expect(errors?.map((error) => error.pointer)).toEqual([pointer]);
    expect((await tested.list()).items).toEqual([]);
  });

  test("reports every wrong field, but not thousands of them", async () => {
    const unknown = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`f${n}`, n]));
    const response = await tested.api
      .post("/items")
      .send({ ...unknown, quantity: -1 })
      .expect(400);
    const { errors } = response.body as ProblemBody;
    expect(errors).toHaveLength(20);
    expect(errors?.map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining(["/sku", "/name", "/quantity", "/f0"]),
    );
  });

  test("refuses a __proto__ key at any depth and stays clean", async () => {
    const start = JSON.stringify(bolt).slice(0, -1);
    const polluted = '"__proto__":{"polluted":true}';
    for (const body of [`${start},${polluted}}`, `${start},"attributes":{${polluted}}}`]) {
      await tested.api
        .post("/items")
        .set("Content-Type", "application/json")
        .send(body)
        .expect(400);
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect((await tested.list()).items).toEqual([]);
  });

  test("accepts the names of an object's own members as attributes", async () => {
    const attributes = { constructor: "a", hasOwnProperty: "b", prototype: "c", toString: "d" };
    const { id } = await tested.post({ ...bolt, attributes });
    expect((await tested.get(id)).attributes).toEqual(attributes);
  });

  test.each([
    ["that does not exist", "00000000-0000-4000-8000-000000000000"],
    ["that is no UUID", "not-a-uuid"],
    ["of an object's own", "__proto__"],
    ["of a null character", "%00"],
    ["of broken UTF-8", "%E0%A4"],
    ["beyond the size of a key", "i".repeat(3000)],
  ])("answers 404 for an id %s", async (_what, id) => {
    const answers = [
      await tested.api.get(`/items/${id}`),
      await tested.api.patch(`/items/${id}`).set("If-Match", '"1"').send({ name: "A" }),
      await tested.api.delete(`/items/${id}`).set("If-Match", '"1"'),
      await tested.api.post(`/items/${id}/adjustments`).send({ delta: 1 }),
      await tested.api
        .post(`/items/${id}/adjustments`)
        .set("Idempotency-Key", "missing")
        .send({ delta: 1 }),
    ];
    for (const { status, body } of answers) {
      expect([status, (body as ProblemBody).detail]).toEqual([
        404,
        expect.stringContaining("no item"),
      ]);
    }
  });
}
