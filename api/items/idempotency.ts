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
    description: `A key that the client makes, such as a UUID. If the client repeats the request with the same key within ${REMEMBERED_FOR_SECONDS / 3600} hours, it gets the answer of the first request, and nothing is done twice.`,
  });

/**
 * The key and fingerprint of a request with an `Idempotency-Key`, or undefined without one. Throws
 * a 400 `Problem` when the key is not valid.
 */
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

/** Two clients may choose the same key. The subject of the access token keeps their keys apart. */
function keyOfSubject(subject: string | undefined, key: string): string {
  if (subject === undefined) return key;
  return `${createHash("sha256").update(subject).digest("base64url")}#${key}`;
}

/**
 * A JSON replacer that sorts members by name, so that objects with the same members give the same
 * text.
 */
function sortedByName(_name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Lets only one request with the same key run at a time. This catches repeated requests to the same
 * task early. Between tasks, the store prevents that a request is executed twice.
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
