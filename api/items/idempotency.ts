import { createHash } from "node:crypto";
import { z } from "zod";
import { Problem } from "../http/problem";
import type { ApiContext } from "../http/request-state";
import {
  REMEMBERED_FOR_SECONDS,
  RequestInFlightError,
  type RepeatableRequest,
} from "./item-repository";

export const idempotencyKeySchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/)
  .meta({
    description: `Of the client's own making, such as a UUID. The same request sent again with it within ${REMEMBERED_FOR_SECONDS / 3600} hours gets the first one's answer, and nothing is done twice.`,
  });

/** The request as one to remember, when it has an `Idempotency-Key`. Throws a 400 `Problem`. */
export function repeatableRequest(ctx: ApiContext, body: unknown): RepeatableRequest | undefined {
  const key = ctx.headers["idempotency-key"];
  if (key === undefined) return undefined;
  const { data } = idempotencyKeySchema.safeParse(key);
  if (data === undefined) {
    throw new Problem(400, "The Idempotency-Key is not valid: send 1 to 255 visible characters.");
  }
  const fingerprint = createHash("sha256")
    .update(JSON.stringify([ctx.method, ctx.path, body], sortedByName))
    .digest("base64url");
  return { key: keyOfSubject(ctx.state.subject, data), fingerprint };
}

/** Two clients may choose the same key. Where an access token tells them apart, each has its own. */
function keyOfSubject(subject: string | undefined, key: string): string {
  if (subject === undefined) return key;
  return `${createHash("sha256").update(subject).digest("base64url")}#${key}`;
}

/** A replacer with which objects of the same members are the same text. */
function sortedByName(_name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Lets only one request of a key at a time pass. This task alone can see that soon; between tasks
 * the store decides.
 */
export function oneInFlight() {
  const keys = new Set<string>();
  return async <Answer>(
    request: RepeatableRequest | undefined,
    answer: () => Promise<Answer>,
  ): Promise<Answer> => {
    if (!request) return answer();
    if (keys.has(request.key)) throw new RequestInFlightError();
    keys.add(request.key);
    try {
      return await answer();
    } finally {
      keys.delete(request.key);
    }
  };
}
