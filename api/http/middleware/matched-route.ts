import type { Context } from "koa";

/**
 * The pattern of the route that answers, such as `/items/:id`; undefined where there is none. Not
 * the path: there are few of these to group by, and nothing in them that a client made up.
 */
export function matchedRoute(ctx: Context): string | undefined {
  return ctx._matchedRoute as string | undefined;
}
