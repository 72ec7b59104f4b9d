import { createHash } from "node:crypto";
import { z } from "zod";
import { idSchema, MAX_QUANTITY, skuSchema } from "./item";
import type { Position } from "./item-repository";

/** A query parameter that is an integer. */
const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/, `Invalid input: expected an integer from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.int().min(min).max(max));

/** The query of `GET /items`. Unknown parameters are refused, lest a typo lists everything. */
export const listParametersSchema = z.strictObject({
  limit: integer(1, 100).default(50).meta({ description: "Most items on a page." }),
  cursor: z
    .string()
    .min(1)
    .optional()
    .meta({ description: "`next` of the page before, with the same filter." }),
  sku: skuSchema.optional().meta({ description: "Only the item with this sku." }),
  maxQuantity: integer(0, MAX_QUANTITY)
    .optional()
    .meta({ description: "Only items of which at most so many are left." }),
});

/** Which items a list has. */
export type Filter = Partial<Pick<z.output<typeof listParametersSchema>, "sku" | "maxQuantity">>;

/** The same, with the cursor read. */
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
        "Invalid input: expected the `next` of a page of this list, unaltered",
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

/** The opaque text for "list on from here". It fits the filter that it was made for, and no other. */
export function encodeCursor({ id, quantity }: Position, filter: Filter): string {
  const position = `${id}.${quantity}`;
  return Buffer.from(`${position}.${checksum(position, filter)}`).toString("base64url");
}

/** Decoding skips what is not base64url, so only a text that encodes back to itself is a cursor. */
function decodeCursor(cursor: string, filter: Filter): Position | undefined {
  const [id, quantity] = Buffer.from(cursor, "base64url").toString().split(".");
  const position = positionSchema.safeParse({ id, quantity: Number(quantity) });
  if (!position.success) return undefined;
  return encodeCursor(position.data, filter) === cursor ? position.data : undefined;
}

const positionSchema = z.object({ id: idSchema, quantity: z.int().min(0).max(MAX_QUANTITY) });

/**
 * Shows that a cursor was changed or belongs to another filter. It is no protection against clients that make
 * a cursor of their own: all they get is another starting point in a list that they may read.
 */
function checksum(position: string, { sku, maxQuantity }: Filter): string {
  const text = JSON.stringify([position, sku, maxQuantity]);
  return createHash("sha256").update(text).digest("base64url").slice(0, 11);
}
