import { createHash } from "node:crypto";
import { z } from "zod";
import { idSchema, MAX_QUANTITY, skuSchema } from "./item";
import type { Position } from "./item-repository";

/** A query parameter with an integer value. */
const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/, `Invalid input: expected an integer from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.int().min(min).max(max));

/**
 * The query of `GET /items`. Unknown parameters are rejected, because a misspelt filter would
 * otherwise list all items.
 */
export const listParametersSchema = z.strictObject({
  limit: integer(1, 100)
    .default(50)
    .meta({ description: "The largest number of items on a page." }),
  cursor: z
    .string()
    .min(1)
    .optional()
    .meta({ description: "The `next` of the preceding page, with the same filter." }),
  sku: skuSchema.optional().meta({ description: "Only the item with this sku." }),
  maxQuantity: integer(0, MAX_QUANTITY)
    .optional()
    .meta({ description: "Only items whose quantity is at most this." }),
});

/** The condition that the listed items meet. */
export type Filter = Partial<Pick<z.output<typeof listParametersSchema>, "sku" | "maxQuantity">>;

/** The query of `GET /items`, with the cursor decoded. */
export const listQuerySchema = listParametersSchema.transform(
  ({ limit, cursor, ...filter }, context) => {
    const refuse = (parameter: string, message: string) => {
      context.addIssue({ code: "custom", path: [parameter], message });
      return z.NEVER;
    };
    if (filter.sku !== undefined && filter.maxQuantity !== undefined) {
      return refuse("maxQuantity", "Invalid input: expected sku or maxQuantity, not both");
    }
    const after = cursor === undefined ? undefined : decodeCursor(cursor, filter);
    if (cursor !== undefined && !after) {
      return refuse(
        "cursor",
        "Invalid input: expected the unaltered `next` of a page of this list",
      );
    }
    return { limit, filter, after };
  },
);

/** The path of the page that begins at `next`. */
export function pagePath(limit: number, filter: Filter, next: Position): string {
  const query = new URLSearchParams({ limit: String(limit) });
  if (filter.maxQuantity !== undefined) query.set("maxQuantity", String(filter.maxQuantity));
  query.set("cursor", encodeCursor(next, filter));
  return `/items?${query.toString()}`;
}

/**
 * The opaque text of a position in a list. It is valid only with the filter that it was made for.
 */
export function encodeCursor({ id, quantity }: Position, filter: Filter): string {
  const position = `${id}.${quantity}`;
  return Buffer.from(`${position}.${checksum(position, filter)}`).toString("base64url");
}

/**
 * Decoding ignores characters that are not base64url. Therefore a cursor is valid only if encoding
 * its content gives the same text.
 */
function decodeCursor(cursor: string, filter: Filter): Position | undefined {
  const [id, quantity] = Buffer.from(cursor, "base64url").toString().split(".");
  const position = positionSchema.safeParse({ id, quantity: Number(quantity) });
  if (!position.success) return undefined;
  return encodeCursor(position.data, filter) === cursor ? position.data : undefined;
}

const positionSchema = z.object({ id: idSchema, quantity: z.int().min(0).max(MAX_QUANTITY) });

/**
 * Shows that a cursor was changed or belongs to another filter. It does not protect against clients
 * that make a cursor of their own: they only get another starting point in a list that they may
 * read.
 */
function checksum(position: string, { sku, maxQuantity }: Filter): string {
  const text = JSON.stringify([position, sku, maxQuantity]);
  return createHash("sha256").update(text).digest("base64url").slice(0, 11);
}
