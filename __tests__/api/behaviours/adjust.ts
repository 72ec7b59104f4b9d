import { bodyOf, bolt, useApi, type OpenStore, type ProblemBody } from "./store";

export function adjust(open: OpenStore) {
  const tested = useApi(open);

  const adjustment = (id: string, delta: unknown, api = tested.api) =>
    api.post(`/items/${id}/adjustments`).send({ delta });

  test("changes the quantity by a signed amount", async () => {
    const item = await tested.post();
    const body = await bodyOf(adjustment(item.id, -5).expect(200).expect("ETag", '"2"'));
    expect(body).toEqual({
      ...item,
      quantity: 7,
      version: 2,
      updatedAt: (body as typeof item).updatedAt,
    });
    await adjustment(item.id, 8).expect(200);
    expect(await tested.get(item.id)).toMatchObject({ quantity: 15, version: 3 });
  });

  test.each([
    ["less than there is", 12, -13],
    ["more than can be", 12, 1_000_000_000 - 11],
  ])("refuses to leave %s, and says how many there are", async (_what, quantity, delta) => {
    const item = await tested.post({ ...bolt, quantity });
    const response = await adjustment(item.id, delta).expect(409);
    expect(response.body).toMatchObject({ type: "urn:inventory:quantity-out-of-bounds" });
    expect((response.body as ProblemBody).detail).toContain("12");
    expect(await tested.get(item.id)).toEqual(item);
  });

  test("takes the last one, and fills up to the limit", async () => {
    const { id } = await tested.post();
    await adjustment(id, -12).expect(200);
    expect(await tested.get(id)).toMatchObject({ quantity: 0 });
    await adjustment(id, 1_000_000_000).expect(200);
    expect(await tested.get(id)).toMatchObject({ quantity: 1_000_000_000 });
  });

  test.each([0, 1.5, "1", null, 1_000_000_001, undefined])(
    "refuses a delta of %p",
    async (delta) => {
      const item = await tested.post();
      const response = await adjustment(item.id, delta).expect(400);
      const { errors } = response.body as ProblemBody;
      expect(errors?.map(({ pointer }) => pointer)).toEqual(["/delta"]);
      expect(await tested.get(item.id)).toEqual(item);
    },
  );

  test("honours If-Match, but does not require it", async () => {
    const { id } = await tested.post();
    await adjustment(id, 1).set("If-Match", '"2"').expect(412);
    await adjustment(id, 1).set("If-Match", 'W/"1"').expect(412);
    await adjustment(id, 1).set("If-Match", '"9", "1"').expect(200);
    await adjustment(id, 1).set("If-Match", "*").expect(200);
    expect(await tested.get(id)).toMatchObject({ quantity: 14, version: 3 });
  });

  test("50 at once that together oversell leave nothing, and refuse the right number", async () => {
    const { id } = await tested.post({ ...bolt, quantity: 30 });
    const tasks = [tested.api, tested.anotherTask()];
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => adjustment(id, -1, tasks[n % 2])),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(30);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(20);
    expect(await tested.get(id)).toMatchObject({ quantity: 0, version: 31 });
  });

  test("none of 50 at once is lost when others patch the item meanwhile", async () => {
    const { id } = await tested.post({ ...bolt, quantity: 0 });
    const patches = Array.from({ length: 10 }, () =>
      tested.anotherTask().patch(`/items/${id}`).set("If-Match", "*").send({ name: "New" }),
    );
    const adjustments = Array.from({ length: 50 }, () => adjustment(id, 1));
    const patched = (await Promise.all(patches)).filter(({ status }) => status === 200);
    for (const { status } of await Promise.all(adjustments)) expect(status).toBe(200);
    expect(await tested.get(id)).toMatchObject({ quantity: 50, version: 51 + patched.length });
  });
}
