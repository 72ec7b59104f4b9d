import { bodyOf, bolt, useApi, type OpenStore } from "./store";

export function idempotency(open: OpenStore) {
  const tested = useApi(open);

  const create = (key: string, body: object = bolt, api = tested.api) =>
    api.post("/items").set("Idempotency-Key", key).send(body);

  const take = (id: string, key: string, delta = -1, api = tested.api) =>
    api.post(`/items/${id}/adjustments`).set("Idempotency-Key", key).send({ delta });

  test("the same key and body give the same answer again, on any task", async () => {
    const first = await create("one").expect(201);
    const again = await create("one", bolt, tested.anotherTask()).expect(201);
    expect(again.body).toEqual(first.body);
    for (const name of ["location", "etag"]) {
      expect(again.headers[name]).toBe(first.headers[name]);
    }
    expect((await tested.list()).items).toHaveLength(1);
  });

  test("the same again, whatever became of the item", async () => {
    const first = await create("one").expect(201);
    const { id } = first.body as { id: string };
    await take(id, "two").expect(200);
    expect((await create("one").expect(201)).body).toEqual(first.body);
    await tested.api.delete(`/items/${id}`).set("If-Match", '"2"').expect(204);
    expect((await create("one").expect(201)).body).toEqual(first.body);
  });

  test("the order of members does not make another body", async () => {
    const attributes = { a: "1", b: "2" };
    await create("one", { ...bolt, attributes }).expect(201);
    const turned = Object.fromEntries(
      Object.entries({ ...bolt, attributes: { b: "2", a: "1" } }).reverse(),
    );
    await create("one", turned).expect(201);
  });

  test("the same key with another body, or to another path, is 422", async () => {
    const body = await bodyOf(create("one").expect(201));
    const response = await create("one", { ...bolt, sku: "OTHER" }).expect(422);
    expect(response.body).toMatchObject({ type: "urn:inventory:idempotency-key-reused" });
    const { id } = body as { id: string };
    await take(id, "one").expect(422);
    expect((await tested.list()).items).toMatchObject([{ sku: bolt.sku, quantity: 12 }]);
  });

  test("an adjustment is done once, and answered as the first time", async () => {
    const { id } = await tested.post();
    const first = await take(id, "one", -12).expect(200);
    // The stock is empty now, so the request would be rejected if it were not recognized as a
    // repetition.
    expect((await take(id, "one", -12, tested.anotherTask()).expect(200)).body).toEqual(first.body);
    await take(id, "one", -11).expect(422);
    expect(await tested.get(id)).toMatchObject({ quantity: 0, version: 2 });
  });

  test("a rejected request is not remembered, because it may succeed later", async () => {
    const { id } = await tested.post({ ...bolt, quantity: 0 });
    await take(id, "one").expect(409);
    await take(id, "two", 1).expect(200);
    await take(id, "one").expect(200);
    await create("three", { ...bolt, name: "Same sku" }).expect(409);
    expect(await tested.get(id)).toMatchObject({ quantity: 0 });
  });

  test("honours If-Match together with the key", async () => {
    const { id } = await tested.post();
    await take(id, "one").set("If-Match", '"2"').expect(412);
    await take(id, "one").set("If-Match", '"1"').expect(200);
    // The first answer is repeated, although the item has another version now.
    await take(id, "one").set("If-Match", '"1"').expect(200);
    expect(await tested.get(id)).toMatchObject({ quantity: 11, version: 2 });
  });

  test.each(["", "a b", "ü", "k".repeat(256)])("refuses the key %j", async (key) => {
    const header = Buffer.from(key).toString("latin1");
    await create(header).expect(400);
    expect((await tested.list()).items).toEqual([]);
  });

  test("50 creates at once with one key make one item, and all that are answered say the same", async () => {
    const tasks = [tested.api, tested.anotherTask(), tested.anotherTask()];
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => create("one", bolt, tasks[n % 3])),
    );
    const created = answers.filter(({ status }) => status === 201);
    const inFlight = answers.filter(({ status }) => status === 409);
    expect(created.length).toBeGreaterThan(0);
    expect(created.length + inFlight.length).toBe(50);
    for (const { body } of created) expect(body).toEqual(created[0]?.body);
    for (const { body, headers } of inFlight) {
      expect(body).toMatchObject({ type: "urn:inventory:request-in-flight" });
      expect(headers["retry-after"]).toMatch(/^\d+$/);
    }
    expect((await tested.list()).items).toEqual([created[0]?.body]);
  });

  test("50 adjustments at once with keys of their own that oversell leave nothing", async () => {
    const { id } = await tested.post({ ...bolt, quantity: 30 });
    const tasks = [tested.api, tested.anotherTask()];
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        // A request that has waited too long for the others gets 503. Its key makes it safe to
        // repeat.
        for (;;) {
          const answer = await take(id, `key-${n}`, -1, tasks[n % 2]);
          if (answer.status !== 503) return answer;
        }
      }),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(30);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(20);
    expect(await tested.get(id)).toMatchObject({ quantity: 0, version: 31 });
    // Each repeated request gets the first answer.
    for (const [n, { status, body }] of answers.entries()) {
      const again = await take(id, `key-${n}`);
      expect([again.status, again.body]).toEqual([status, body]);
    }
  }, 60_000);
}
