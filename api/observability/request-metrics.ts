import type { Metrics } from "./metrics";
import type { ApiMiddleware } from "../http/request-state";
import { matchedRoute } from "../http/middleware/matched-route";

/**
 * Counts and times each request by its route when it is answered or its client has disconnected.
 */
export function requestMetrics(metrics: Metrics): ApiMiddleware {
  return async function measureRequest(ctx, next) {
    const startMs = performance.now();
    ctx.res.once("close", () => {
      const durationMs = Math.round((performance.now() - startMs) * 1000) / 1000;
      metrics.request(matchedRoute(ctx) ?? "unmatched", ctx.method, ctx.status, durationMs);
    });
    await next();
  };
}
