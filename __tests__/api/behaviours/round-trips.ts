import fc from "fast-check";
import { newItemSchema, type NewItem } from "../../../api/items/item";
import { bodyOf, bolt, useApi, type OpenStore } from "./store";

/**
 * Text with every kind of character that JSON can contain: controls, combining, astral, right to
 * left.
 */
const text = (minLength: number, maxLength: number) =>
  fc
    .oneof(
      fc.string({ unit: "binary", minLength, maxLength: maxLength / 2 }),
      fc.string({ unit: "grapheme", minLength, maxLength: maxLength / 8 }),
      fc.constantFrom(
        "\0",
        "\u2028\u2029",
        "é",
        "e\u0301",
        "👩‍👩‍👧‍👦",
        "\ufeff",
        "\uffff",
        "שלום",
        "İ",
        " a ",
      ),
    )
    .filter((value) => value.length <= maxLength);

const attributes = fc.dictionary(
  // The parser rejects this one name. Other tests cover it.
  text(1, 64).filter((name) => name !== "__proto__"),
  text(0, 100),
  { maxKeys: 10 },
);

const newItem: fc.Arbitrary<NewItem> = fc.record(
  {
    sku: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/),
    name: text(1, 200),
    quantity: fc.oneof(
      fc.integer({ min: 0, max: 1_000_000_000 }),
      fc.constantFrom(0, 1_000_000_000),
    ),
    unitPrice: fc.stringMatching(/^(0|[1-9]\d{0,11})(\.\d{1,4})?$/),
    description: text(0, 2000),
    attributes,
  },
  { requiredKeys: ["sku", "name", "quantity", "unitPrice"] },
);

const invalidItem = fc
  .oneof(
    fc.jsonValue(),
    fc
      .tuple(newItem, fc.constantFrom(...Object.keys(newItemSchema.shape)), fc.jsonValue())
      .map(([item, field, value]) => ({ ...item, [field]: value })),
    fc
      .tuple(newItem, fc.string({ minLength: 1 }), fc.jsonValue())
      .map(([item, field, value]) => ({ ...item, [field]: value })),
    fc
      .tuple(newItem, fc.constantFrom("sku", "name", "quantity", "unitPrice"))
      .map(([item, field]) => ({ ...item, [field]: undefined })),
  )
  .filter((body) => !newItemSchema.safeParse(JSON.parse(JSON.stringify(body))).success);

export function roundTrips(open: OpenStore, numRuns: number) {
  const tested = useApi(open);
  const json = (body: string | Buffer) =>
    tested.api
      .post("/items")
      .set("Content-Type", "application/json")
      .send(body as string);

  test("every valid item is returned byte for byte", async () => {
    await fc.assert(
      fc.asyncProperty(newItem, async (sent) => {
        const body = await bodyOf(json(JSON.stringify(sent)).expect(201));
        const { id } = body as { id: string };
        const read = await tested.get(id);
        expect(read).toMatchObject(sent);
        expect(Object.keys(read).length).toBe(Object.keys(sent).length + 4);
        expect((await tested.list()).items).toEqual([read]);
        await tested.api.delete(`/items/${id}`).set("If-Match", '"1"').expect(204);
      }),
      { numRuns },
    );
  }, 60_000);

  test("every valid patch is returned byte for byte", async () => {
    const { id } = await tested.post();
    await fc.assert(
      fc.asyncProperty(newItem, async (sent) => {
        const patch = { description: null, ...sent, attributes: null };
        await tested.api.patch(`/items/${id}`).set("If-Match", "*").send(patch).expect(200);
        const more = { attributes: sent.attributes ?? {} };
        await tested.api.patch(`/items/${id}`).set("If-Match", "*").send(more).expect(200);
        expect(await tested.get(id)).toMatchObject({ ...sent, ...more });
      }),
      { numRuns },
    );
  }, 60_000);

  test("every invalid body gets 4xx and changes nothing", async () => {
    const item = await tested.post();
    await fc.assert(
      fc.asyncProperty(invalidItem, async (body) => {
        const created = await json(JSON.stringify(body));
        expect(created.status).toBeGreaterThanOrEqual(400);
        expect(created.status).toBeLessThan(500);
        expect(created.type).toBe("application/problem+json");
      }),
      { numRuns },
    );
    expect((await tested.list()).items).toEqual([item]);
  }, 60_000);

  test("whatever bytes go in that are no JSON get 400 and change nothing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const { status } = await json(Buffer.from(bytes));
        expect(status).toBe(400);
      }),
      { numRuns },
    );
    expect((await tested.list()).items).toEqual([]);
    await tested.post(bolt);
  }, 60_000);
}
