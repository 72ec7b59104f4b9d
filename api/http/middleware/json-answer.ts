import { Problem } from "../problem";
import type { ApiMiddleware } from "../request-state";

/** Answers 406 when the Accept header excludes JSON. */
export function jsonAnswer(): ApiMiddleware {
  return async function refuseOtherForms(ctx, next) {
    // Most requests have no Accept header. Skipping the negotiation for them saves time.
    if (ctx.headers.accept !== undefined && ctx.accepts("application/json") === false) {
      throw new Problem(406, "The answer is application/json, which the Accept header refuses.");
    }
    await next();
  };
}
