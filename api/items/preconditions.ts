import type { Context } from "koa";
import { Problem } from "../http/problem";
import type { Item } from "./item";
import { ItemChangedError } from "./item-repository";

/** A strong entity tag: answers with equal tags are identical. */
export const etagOf = ({ version }: Pick<Item, "version">) => `"${version}"`;

/**
 * The versions that `If-Match` allows: undefined allows any version, an empty list none. As HTTP
 * requires, a weak tag or a tag that this API did not make matches nothing.
 */
export function matchingVersions(ctx: Context): readonly number[] | undefined {
  const header = ctx.headers["if-match"];
  if (header === undefined || header.trim() === "*") return undefined;
  const tags = header.split(",").map((tag) => /^"([1-9]\d{0,14})"$/.exec(tag.trim())?.[1]);
  const versions = tags.filter((version) => version !== undefined).map(Number);
  if (versions.length > 50) throw new Problem(400, "If-Match has more than 50 entity tags.");
  return versions;
}

/**
 * Throws a 428 `Problem` when `If-Match` is missing, and ItemChangedError when it does not match.
 */
export function requireMatch(ctx: Context, item: Item): void {
  if (ctx.headers["if-match"] === undefined) {
    const detail = "Send the item's ETag in If-Match, so that no other client's change is lost.";
    throw new Problem(428, detail);
  }
  const versions = matchingVersions(ctx);
  if (versions && !versions.includes(item.version)) throw new ItemChangedError();
}
