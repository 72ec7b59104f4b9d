import type { RouterContext } from "@koa/router";
import type { ApiMiddleware } from "../request-state";

/**
 * Answers what a path does not take: 200 to OPTIONS, and 405 to any other method, both with `Allow`. A
 * path that is not there is left to 404, whatever the method. (The router's own middleware answers 501 to
 * methods that no path takes, such as TRACE.)
 */
export function allowedMethods(): ApiMiddleware {
  return async function answerOtherMethods(ctx, next) {
    await next();
    if (ctx.status !== 404 || ctx.body !== undefined) return;
    const { matched = [] } = ctx as Partial<RouterContext>;
    const methods = new Set(matched.flatMap((layer) => layer.methods));
    if (methods.size === 0) return;
    ctx.set("Allow", [...methods].join(", "));
    if (ctx.method === "OPTIONS") ctx.body = "";
    ctx.status = ctx.method === "OPTIONS" ? 200 : 405;
  };
}
