import { Problem } from "../problem";
import type { ApiMiddleware } from "../request-state";

/** Refuses, with 406, what is asked for in another form than JSON. */
export function jsonAnswer(): ApiMiddleware {
  return async function refuseOtherForms(ctx, next) {
    // Most say nothing, which need not be taken apart.
    if (ctx.headers.accept !== undefined && ctx.accepts("application/json") === false) {
      throw new Problem(406, "The answer is application/json, which the Accept header refuses.");
    }
    await next();
  };
}
