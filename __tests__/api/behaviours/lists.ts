import type { Response } from "supertest";
import { bolt, linkOf, useApi, type OpenStore, type ProblemBody } from "./store";

export function lists(open: OpenStore) {
  const tested = useApi(open);

  const fill = (quantities: readonly number[]) =>
    Promise.all(
      quantities.map((quantity, n) => tested.post({ ...bolt, sku: `SKU-${n}`, quantity })),
    );
  const ids = (items: readonly { id: string }[]) => items.map(({ id }) => id).sort();

  test("lists nothing at first", async () => {
    expect(await tested.list()).toEqual({ items: [], next: null });
  });

  test("lists every item once, page by page, by cursor and by Link header", async () => {
    const created = await fill(Array.from({ length: 7 }, () => 1));
    const first = await tested.api.get("/items?limit=3").expect(200);
    const { items, next } = first.body as { items: object[]; next: string };
    expect(items).toHaveLength(3);
    expect(first.headers.link).toBe(`</items?limit=3&cursor=${next}>; rel="next"`);
    expect(ids(await tested.listAll("/items?limit=3"))).toEqual(ids(created));
  });

  test("lists 50 items when not told how many", async () => {
    await fill(Array.from({ length: 51 }, () => 1));
    expect((await tested.list()).items).toHaveLength(50);
    expect((await tested.list("/items?limit=100")).items).toHaveLength(51);
  }, 30_000);

  test("items that are created or deleted meanwhile neither repeat nor hide others", async () => {
    const [doomed, ...created] = await fill(Array.from({ length: 10 }, () => 1));
    const listed: { id: string }[] = [];
    let path: string | undefined = "/items?limit=2";
    for (let n = 0; path !== undefined; n++) {
      const response: Response = await tested.api.get(path).expect(200);
      const { items } = response.body as { items: { id: string }[] };
      listed.push(...items);
      if (n < 5) await tested.post({ ...bolt, sku: `NEW-${n}` });
      // The cursor may point to this item.
      const last = n === 0 ? items.at(-1) : undefined;
      if (last) await tested.api.delete(`/items/${last.id}`).set("If-Match", "*").expect(204);
      path = /^<(.*)>/.exec(linkOf(response))?.[1];
    }
    expect(new Set(ids(listed)).size).toBe(listed.length);
    const all = doomed ? [doomed, ...created] : created;
    expect(ids(listed)).toEqual(expect.arrayContaining(ids(all)));
  });

  test("finds an item by its sku", async () => {
    const [item] = await fill([1, 2]);
    expect(await tested.list("/items?sku=SKU-0")).toEqual({ items: [item], next: null });
    expect(await tested.list("/items?sku=NONE")).toEqual({ items: [], next: null });
  });

  test("lists items that are low in stock, page by page", async () => {
    const created = await fill([0, 3, 5, 6, 5, 100, 0, 2, 9, 4, 5, 1]);
    const low = created.filter(({ quantity }) => quantity <= 5);
    expect(ids((await tested.list("/items?maxQuantity=5")).items)).toEqual(ids(low));
    for (const limit of [1, 2, 3, 9]) {
      const paged = await tested.listAll(`/items?maxQuantity=5&limit=${limit}`);
      expect(ids(paged)).toEqual(ids(low));
    }
    const none = created.filter(({ quantity }) => quantity === 0);
    expect(ids((await tested.list("/items?maxQuantity=0")).items)).toEqual(ids(none));
  });

  test("of items too large for one answer of DynamoDB, each is listed once all the same", async () => {
    const attributes = Object.fromEntries(
      Array.from({ length: 50 }, (_, n) => [`${n}`, "€".repeat(500)]),
    );
    const created = await Promise.all(
      Array.from({ length: 80 }, (_, n) => tested.post({ ...bolt, sku: `SKU-${n}`, attributes })),
    );
    for (const path of ["/items?limit=100", "/items?limit=100&maxQuantity=50"]) {
      expect(ids(await tested.listAll(path))).toEqual(ids(created));
    }
  }, 60_000);

  test("an adjusted item moves into the list of low stock, and out of it", async () => {
    const [item] = await fill([10]);
    const path = `/items/${item?.id ?? ""}/adjustments`;
    await tested.api.post(path).send({ delta: -8 }).expect(200);
    expect((await tested.list("/items?maxQuantity=5")).items).toMatchObject([{ quantity: 2 }]);
    await tested.api.post(path).send({ delta: 8 }).expect(200);
    expect((await tested.list("/items?maxQuantity=5")).items).toEqual([]);
  });

  test("a cursor fits only the list that it is of, and only unaltered", async () => {
    await fill([1, 1, 1]);
    const { next: all } = await tested.list("/items?limit=1");
    const { next: low } = await tested.list("/items?limit=1&maxQuantity=5");
    await tested.list(`/items?limit=2&cursor=${all}`);
    await tested.list(`/items?limit=2&maxQuantity=5&cursor=${low}`);
    const foreign = [
      `maxQuantity=5&cursor=${all}`,
      `cursor=${low}`,
      `maxQuantity=6&cursor=${low}`,
      `sku=SKU-0&cursor=${all}`,
    ];
    const altered = [
      `cursor=${all}!`,
      `cursor=${all?.slice(1)}`,
      `cursor=${all?.slice(0, -1)}`,
      `cursor=${all}&cursor=${all}`,
      `cursor=${all?.toLowerCase()}`,
      "cursor=",
      "cursor=nonsense",
    ];
    for (const query of [...foreign, ...altered]) {
      const response = await tested.api.get(`/items?${query}`).expect(400);
      const { errors } = response.body as ProblemBody;
      expect([query, errors?.map(({ parameter }) => parameter)]).toEqual([query, ["cursor"]]);
    }
  });

  test.each([
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["limit=-1", "limit"],
    ["limit=1.5", "limit"],
    ["limit=", "limit"],
    ["limit=1e1", "limit"],
    ["limit=9999999999999999999999", "limit"],
    ["limit=1&limit=2", "limit"],
    ["maxQuantity=-1", "maxQuantity"],
    ["maxQuantity=1000000001", "maxQuantity"],
    ["sku=A%20B", "sku"],
    ["sku=A&sku=B", "sku"],
    ["sku=A&maxQuantity=1", "maxQuantity"],
    ["limmit=1", "limmit"],
    ["__proto__=1", "__proto__"],
  ])("refuses the query %s and names the parameter", async (query, parameter) => {
    const response = await tested.api.get(`/items?${query}`).expect(400);
    const { errors } = response.body as ProblemBody;
    expect(errors?.map((error) => error.parameter)).toEqual([parameter]);
  });
}
