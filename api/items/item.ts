import { randomUUID } from "node:crypto";
import { z } from "zod";

/** Text that survives UTF-8 unchanged: a lone surrogate would come back as another character. */
function text(maxLength: number) {
  return z
    .string()
    .min(1)
    .max(maxLength)
    .regex(/^\P{Cs}*$/u, "Invalid input: expected well-formed Unicode");
}

/** What a client sends to create an item. Unknown fields are refused. */
export const newItemSchema = z.strictObject({
  sku: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/,
      "Invalid input: expected 1 to 64 of A-Z a-z 0-9 . _ / -, the first a letter or a digit",
    ),
  name: text(200),
  quantity: z.int().min(0).max(1_000_000_000),
  description: text(2000).optional(),
});

const idSchema = z.uuid();

/** An item as it is stored and answered. */
export const itemSchema = z.object({
  id: idSchema,
  ...newItemSchema.shape,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

export type NewItem = z.infer<typeof newItemSchema>;
export type Item = z.infer<typeof itemSchema>;

/** Whether an item could have this id: saves asking the store for what it can only refuse. */
export function isItemId(text: string): boolean {
  return idSchema.safeParse(text).success;
}

/** A new item with an id of its own, created now. */
export function createItem(newItem: NewItem): Item {
  const now = new Date().toISOString();
  return { id: randomUUID(), ...newItem, createdAt: now, updatedAt: now };
}
