import { z } from "zod";
import { isItemId } from "./item";

/** The opaque text for "list on after this id". */
export function encodeCursor(id: string): string {
  return Buffer.from(id).toString("base64url");
}

/** Decoding skips what is not base64url, so only a text that encodes back to itself is a cursor. */
function isCursor(text: string): boolean {
  const id = decodeCursor(text);
  return isItemId(id) && encodeCursor(id) === text;
}

function decodeCursor(cursor: string): string {
  return Buffer.from(cursor, "base64url").toString();
}

/** The query of `GET /items`. Unknown parameters are refused, lest a typo lists everything. */
export const pageQuerySchema = z.strictObject({
  limit: z
    .string()
    .regex(/^\d+$/, "Invalid input: expected an integer from 1 to 100")
    .transform(Number)
    .pipe(z.number().min(1).max(100))
    .default(50),
  cursor: z
    .string()
    .refine(isCursor, "Invalid input: expected the `next` of a page, unaltered")
    .transform(decodeCursor)
    .optional(),
});
