import { randomUUID } from "node:crypto";
import { z } from "zod";

/** Matches text without lone surrogates, which UTF-8 cannot encode. */
export const WELL_FORMED = /^\P{Cs}*$/u;

/** Text that UTF-8 encodes without loss. */
const text = (minLength: number, maxLength: number) =>
  z
    .string()
    .min(minLength)
    .max(maxLength)
    .regex(WELL_FORMED, "Invalid input: expected well-formed Unicode");

export const MAX_QUANTITY = 1_000_000_000;

const quantitySchema = z.int().min(0).max(MAX_QUANTITY);

export const idSchema = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  .meta({
    description: "A UUID in lower case, which the server makes.",
    format: "uuid",
    examples: ["3f2b8c1e-9d47-4a6b-8e05-7c1d2f9ab364"],
  });

export const skuSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/,
    "Invalid input: expected 1 to 64 of A-Z a-z 0-9 . _ / -, the first a letter or a digit",
  )
  .meta({
    description: "The stock keeping unit, which is unique in the inventory.",
    examples: ["tea-1"],
  });

const attributeName = text(1, 64);
const attributeValue = text(0, 500);
const descriptionSchema = text(0, 2000).meta({ examples: ["First flush, 100 g"] });
const timeSchema = z.iso.datetime().meta({ examples: ["2026-05-04T09:30:00.000Z"] });

const attributesSchema = z
  .record(attributeName, attributeValue)
  .refine((attributes) => Object.keys(attributes).length <= 50, "Too many: expected at most 50")
  .meta({ maxProperties: 50, examples: [{ origin: "Uji" }] });

/** The fields of an item that a client sets. Unknown fields are rejected. */
export const newItemSchema = z.strictObject({
  sku: skuSchema,
  name: text(1, 200).meta({ examples: ["Green tea"] }),
  quantity: quantitySchema.meta({ description: "Units in stock.", examples: [12] }),
  unitPrice: z
    .string()
    .regex(
      /^(0|[1-9]\d{0,11})(\.\d{1,4})?$/,
      'Invalid input: expected decimal text such as "3.90", at most 12 digits before the point and 4 after it',
    )
    .meta({ description: "The price of one unit as decimal text.", examples: ["3.90"] }),
  description: descriptionSchema.optional(),
  attributes: attributesSchema.optional(),
});

/** A JSON Merge Patch (RFC 7396) of an item. The value null removes an optional field. */
export const itemPatchSchema = newItemSchema
  .partial()
  .extend({
    description: descriptionSchema.nullish(),
    attributes: z.record(attributeName, attributeValue.nullable()).nullish(),
  })
  .meta({ examples: [{ unitPrice: "4.20", attributes: { origin: null } }] });

/** An item as it is stored and returned. */
export const itemSchema = z.strictObject({
  id: idSchema,
  ...newItemSchema.shape,
  createdAt: timeSchema,
  updatedAt: timeSchema,
  version: z
    .int()
    .min(1)
    .meta({ description: "A number that every change increases by one.", examples: [1] }),
});

/** A page of a list of items. */
export const itemPageSchema = z.strictObject({
  items: z.array(itemSchema),
  next: z
    .string()
    .nullable()
    .meta({
      description: "The `cursor` of the next page, or null on the last page.",
      examples: [null],
    }),
});

/** A signed change of the quantity. */
export const adjustmentSchema = z.strictObject({
  delta: z
    .int()
    .min(-MAX_QUANTITY)
    .max(MAX_QUANTITY)
    .refine((delta) => delta !== 0, "Invalid input: expected an integer other than 0")
    .meta({
      description: "The number of units to add; a negative number removes units.",
      not: { const: 0 },
      examples: [-2],
    }),
});

export type NewItem = z.infer<typeof newItemSchema>;
export type Item = z.infer<typeof itemSchema>;

/** Whether the text has the form of an item id. The store need not be called for any other text. */
export function isItemId(text: string): boolean {
  return idSchema.safeParse(text).success;
}

/** Creates an item with a new id and the current time. */
export function createItem(newItem: NewItem): Item {
  const now = new Date().toISOString();
  return { id: randomUUID(), ...newItem, createdAt: now, updatedAt: now, version: 1 };
}

/** The fields of an item that a client sets. */
export function newItemOf(item: Item): NewItem {
  const { sku, name, quantity, unitPrice, description, attributes } = item;
  return { sku, name, quantity, unitPrice, description, attributes };
}

/** The next version of the item, with the fields that the client changed. */
export function changedItem(item: Item, change: NewItem): Item {
  const { id, createdAt, version } = item;
  const updatedAt = new Date().toISOString();
  return { ...change, id, createdAt, updatedAt, version: version + 1 };
}
