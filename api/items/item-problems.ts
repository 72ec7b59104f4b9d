import { Problem, RETRY_LATER } from "../http/problem";
import type { ApiMiddleware } from "../http/request-state";
import {
  ItemChangedError,
  KeyReusedError,
  QuantityError,
  RequestInFlightError,
  SkuTakenError,
  StoreUnavailableError,
} from "./item-repository";

/** The types that distinguish problems with the same status. */
export const problemTypes = {
  skuTaken: "urn:inventory:sku-taken",
  quantityOutOfBounds: "urn:inventory:quantity-out-of-bounds",
  requestInFlight: "urn:inventory:request-in-flight",
  keyReused: "urn:inventory:idempotency-key-reused",
} as const;

/** Converts the errors of the repository into problems. */
export function itemProblems(): ApiMiddleware {
  return async function throwItemProblems(ctx, next) {
    try {
      await next();
    } catch (error) {
      throw problemOf(error, ctx.method) ?? error;
    }
  };
}

function problemOf(error: unknown, method: string): Problem | undefined {
  if (error instanceof StoreUnavailableError) {
    const detail =
      method === "GET" || method === "HEAD"
        ? "The items cannot be reached at the moment. Try again later."
        : "The items cannot be reached at the moment. The change may or may not have been made: read the item before you repeat the change, and send an Idempotency-Key next time.";
    return new Problem(503, detail, { headers: RETRY_LATER, cause: error });
  }
  if (error instanceof ItemChangedError) {
    return new Problem(412, "The item has changed: read it again, and send its ETag in If-Match.");
  }
  if (error instanceof SkuTakenError) {
    const type = problemTypes.skuTaken;
    return new Problem(409, `Another item has the sku ${error.sku}.`, { type });
  }
  if (error instanceof QuantityError) {
    const detail = `The item's quantity is ${error.quantity}, which does not allow this change.`;
    return new Problem(409, detail, { type: problemTypes.quantityOutOfBounds });
  }
  if (error instanceof RequestInFlightError) {
    const detail = "A request with this Idempotency-Key is in flight: send it again later.";
    return new Problem(409, detail, { type: problemTypes.requestInFlight, headers: RETRY_LATER });
  }
  if (error instanceof KeyReusedError) {
    const detail = "This Idempotency-Key was used for another request before: use a new one.";
    return new Problem(422, detail, { type: problemTypes.keyReused });
  }
  return undefined;
}
