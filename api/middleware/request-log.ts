import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Logger } from "pino";
import type { ApiMiddleware } from "../request-state";

/**
 * Names each request, and logs one line for it when it is answered or its client has gone: request
 * id, method, route, status, duration, `aborted` in the second case, and the error behind a 5xx.
 */
export function requestLog(logger: Logger): ApiMiddleware {
  return async function logRequest(ctx, next) {
    const startMs = performance.now();
    ctx.state.requestId = requestId(ctx.req.headers);
    ctx.set("X-Request-Id", ctx.state.requestId);

    ctx.res.once("close", () => {
      const { requestId, error: err } = ctx.state;
      const { method, status } = ctx;
      // The pattern, not the path: few values to group by, and nothing that a client made up.
      const route = ctx._matchedRoute as string | undefined;
      const durationMs = Math.round((performance.now() - startMs) * 1000) / 1000;
      const aborted = ctx.res.writableFinished ? undefined : true;
      const fields = { requestId, method, route, status, durationMs, aborted, err };
      logger[err === undefined ? "info" : "error"](fields, "request");
    });
    await next();
  };
}

/** The load balancer's trace id finds the request in its access log; else the client's id, else ours. */
function requestId(headers: IncomingHttpHeaders): string {
  return [headers["x-amzn-trace-id"], headers["x-request-id"]].find(isRequestId) ?? randomUUID();
}

function isRequestId(value: string | string[] | undefined): value is string {
  return typeof value === "string" && /^[\x21-\x7e]{1,256}$/.test(value);
}
