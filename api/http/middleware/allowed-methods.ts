import type { RouterContext } from "@koa/router";
import type { ApiMiddleware, ApiRouter } from "../request-state";
import { methodNotAllowed } from "../problem";

/** The methods that a path accepts. The list is empty when the path does not exist. */
export const methodsAt = (router: ApiRouter, path: string): string[] =>
  methodsOf(router.match(path, "OPTIONS").path);

const methodsOf = (layers: readonly { readonly methods: readonly string[] }[]) => [
  ...new Set(layers.flatMap(({ methods }) => methods)),
];

/**
 * Answers the methods that a path does not accept: OPTIONS with 200 and any other with 405, both
 * with `Allow`. A path that does not exist stays 404 for every method. The middleware of the router
 * is not used, because it answers 501 to methods that no path accepts, such as TRACE.
 */
export function allowedMethods(): ApiMiddleware {
  return async function answerOtherMethods(ctx, next) {
    await next();
    if (ctx.status !== 404 || ctx.body !== undefined) return;
    const { matched = [] } = ctx as Partial<RouterContext>;
    const methods = methodsOf(matched);
    if (methods.length === 0) return;
    if (ctx.method !== "OPTIONS") throw methodNotAllowed(ctx.method, methods);
    ctx.set("Allow", methods.join(", "));
    ctx.body = "";
    ctx.status = 200;
  };
}
