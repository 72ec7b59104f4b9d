import { bodyOf, bolt, etag, useApi, type OpenStore, type ProblemBody } from "./store";

export function change(open: OpenStore) {
  const tested = useApi(open);

  describe("PATCH", () => {
    test("changes the fields in the patch, and returns the new version", async () => {
      const item = await tested.post({
        ...bolt,
        description: "Old",
        attributes: { a: "1", b: "2" },
      });
      const response = await tested.api
        .patch(`/items/${item.id}`)
        .set("If-Match", etag(item))
        .type("application/merge-patch+json")
        .send(JSON.stringify({ name: "Bolt", attributes: { a: null, c: "3" } }))
        .expect(200)
        .expect("ETag", '"2"');
      const patched = await tested.get(item.id);
      expect(response.body).toEqual(patched);
      expect(patched).toEqual({
        ...item,
        name: "Bolt",
        attributes: { b: "2", c: "3" },
        version: 2,
        updatedAt: patched.updatedAt,
      });
    });

    test("null removes optional fields only", async () => {
      const item = await tested.post({ ...bolt, description: "Old", attributes: { a: "1" } });
      const body = await bodyOf(
        tested.api
          .patch(`/items/${item.id}`)
          .set("If-Match", '"1"')
          .send({ description: null, attributes: null })
          .expect(200),
      );
      expect(body).not.toHaveProperty("description");
      expect(body).not.toHaveProperty("attributes");
      await tested.api
        .patch(`/items/${item.id}`)
        .set("If-Match", '"2"')
        .send({ name: null })
        .expect(400);
    });

    test("a new sku takes the place of the old one, which is free again", async () => {
      const item = await tested.post();
      await tested.api
        .patch(`/items/${item.id}`)
        .set("If-Match", '"1"')
        .send({ sku: "BOLT-M10" })
        .expect(200);
      expect((await tested.list("/items?sku=BOLT-M10")).items).toMatchObject([{ id: item.id }]);
      expect((await tested.list("/items?sku=BOLT-M8")).items).toEqual([]);
      await tested.post();
    });

    test("does not take another item's sku", async () => {
      await tested.post();
      const other = await tested.post({ ...bolt, sku: "OTHER" });
      const response = await tested.api
        .patch(`/items/${other.id}`)
        .set("If-Match", '"1"')
        .send({ sku: bolt.sku })
        .expect(409);
      expect(response.body).toMatchObject({ type: "urn:inventory:sku-taken" });
      expect(await tested.get(other.id)).toEqual(other);
    });

    test("of two writers with the same ETag, one succeeds and the other gets an error", async () => {
      const { id } = await tested.post();
      const tasks = [tested.api, tested.anotherTask()];
      const answers = await Promise.all(
        tasks.map((api, n) =>
          api
            .patch(`/items/${id}`)
            .set("If-Match", '"1"')
            .send({ name: `${n}` }),
        ),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
      const winner = answers.findIndex(({ status }) => status === 200);
      expect(await tested.get(id)).toMatchObject({ name: `${winner}`, version: 2 });
    });

    test.each([
      ["an unknown field", { nam: "A" }, "/nam"],
      ["a field that is the server's", { version: 3 }, "/version"],
      ["a wrong value", { quantity: -1 }, "/quantity"],
      ["a text in place of an object", "name", ""],
    ])("refuses %s, points at it and changes nothing", async (_what, patch, pointer) => {
      const item = await tested.post();
      const response = await tested.api
        .patch(`/items/${item.id}`)
        .set("If-Match", '"1"')
        .type("json")
        .send(JSON.stringify(patch))
        .expect(400);
      const { errors } = response.body as ProblemBody;
      if (typeof patch === "object") expect(errors?.map((e) => e.pointer)).toEqual([pointer]);
      expect(await tested.get(item.id)).toEqual(item);
    });

    test("refuses a patch that adds up to too many attributes", async () => {
      const some = (from: number) =>
        Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`a${from + n}`, ""]));
      const item = await tested.post({ ...bolt, attributes: some(0) });
      await tested.api
        .patch(`/items/${item.id}`)
        .set("If-Match", '"1"')
        .send({ attributes: some(30) })
        .expect(400);
      expect(await tested.get(item.id)).toEqual(item);
    });

    test("rejects other media types, and names the accepted ones", async () => {
      const { id } = await tested.post();
      await tested.api
        .patch(`/items/${id}`)
        .set("If-Match", '"1"')
        .type("application/json-patch+json")
        .send("[]")
        .expect(415)
        .expect("Accept-Patch", "application/merge-patch+json, application/json");
    });
  });

  describe("DELETE", () => {
    test("takes the item away, and its sku is free again", async () => {
      const { id } = await tested.post();
      const { text } = await tested.api.delete(`/items/${id}`).set("If-Match", '"1"').expect(204);
      expect(text).toBe("");
      await tested.api.get(`/items/${id}?consistent=true`).expect(404);
      await tested.api.delete(`/items/${id}`).set("If-Match", '"1"').expect(404);
      expect((await tested.list()).items).toEqual([]);
      await tested.post();
    });

    test("of ten concurrent deletes, exactly one succeeds", async () => {
      const { id } = await tested.post();
      const answers = await Promise.all(
        Array.from({ length: 10 }, () =>
          tested.anotherTask().delete(`/items/${id}`).set("If-Match", '"1"'),
        ),
      );
      expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 404 || status === 412)).toHaveLength(9);
    });
  });

  describe.each(["patch", "delete"] as const)("If-Match of %s", (method) => {
    const send = (id: string) => {
      const sent = tested.api[method](`/items/${id}`);
      return method === "patch" ? sent.type("json") : sent;
    };
    const body = method === "patch" ? JSON.stringify({ name: "New" }) : undefined;

    test("is required: without it the answer is 428, and nothing is changed", async () => {
      const item = await tested.post();
      const response = await send(item.id).send(body).expect(428);
      expect((response.body as ProblemBody).detail).toContain("If-Match");
      expect(await tested.get(item.id)).toEqual(item);
    });

    test.each(['"2"', 'W/"1"', '"a"', "1", '""', '"2", "3"'])(
      "%s does not match the first version: 412, and nothing is changed",
      async (tag) => {
        const item = await tested.post();
        await send(item.id).set("If-Match", tag).send(body).expect(412);
        expect(await tested.get(item.id)).toEqual(item);
      },
    );

    test.each(['"1"', "*", '"7", "1"'])("%s matches the first version", async (tag) => {
      const { id } = await tested.post();
      await send(id)
        .set("If-Match", tag)
        .send(body)
        .expect(method === "patch" ? 200 : 204);
    });
  });
}
