import type { Context } from "koa";

/**
 * The pattern of the route that answers, such as `/items/:id`, or undefined when no route matches.
 * Logs and metrics group by the pattern and not by the path, because there are few patterns and
 * clients cannot invent new ones.
 */
export function matchedRoute(ctx: Context): string | undefined {
  return ctx._matchedRoute as string | undefined;
}
