import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { Logger } from "pino";
import { PROBED_ROUTES } from "../http/health";
import type { ApiMiddleware } from "../http/request-state";
import { matchedRoute } from "../http/middleware/matched-route";

/**
 * Names each request, and logs one line for it when it is answered or its client has gone: request
 * id, trace id, the client's address, the access token's subject, method, route, status, duration,
 * `aborted` in the second case, and the error behind a 5xx.
 * Health checks that succeed are for debugging alone.
 */
export function requestLog(logger: Logger): ApiMiddleware {
  return async function logRequest(ctx, next) {
    const startMs = performance.now();
    const requestId = requestIdOf(ctx.req.headers);
    ctx.state.requestId = requestId;
    ctx.set("X-Request-Id", requestId);
    const traceId = traceIdOf(ctx.req.headers);
    const clientAddress = clientAddressOf(ctx.req);

    ctx.res.once("close", () => {
      const { error: err, subject } = ctx.state;
      const { method } = ctx;
      const route = matchedRoute(ctx);
      const status = ctx.res.headersSent ? ctx.status : undefined;
      const durationMs = Math.round((performance.now() - startMs) * 1000) / 1000;
      const aborted = ctx.res.writableFinished ? undefined : true;
      const fields = {
        requestId,
        traceId,
        clientAddress,
        subject,
        method,
        route,
        status,
        durationMs,
        aborted,
        err,
      };
      if (err !== undefined) logger.error(fields, "request");
      else if (isHealthy(route, status)) logger.debug(fields, "request");
      else logger.info(fields, "request");
    });
    await next();
  };
}

function isHealthy(route: string | undefined, status = 0): boolean {
  return route !== undefined && PROBED_ROUTES.has(route) && status < 300;
}

/**
 * Whoever connected to the load balancer, which adds this address at the end of `X-Forwarded-For`. What
 * stands before it was sent by the client and can be anything. Without a load balancer, whoever connected.
 */
function clientAddressOf({ headers, socket }: IncomingMessage): string | undefined {
  const forwarded = [headers["x-forwarded-for"]].flat().at(-1);
  const last = forwarded?.slice(forwarded.lastIndexOf(",") + 1).trim();
  return last !== undefined && isIP(last) !== 0 ? last : socket.remoteAddress;
}

const TRACE_ID = /(?:^|;)Root=(?<root>1-[0-9a-f]{8}-[0-9a-f]{24})(?:;|$)/;

/** The root of the load balancer's trace, by which X-Ray and its access log know the request. */
function traceIdOf({ "x-amzn-trace-id": header }: IncomingHttpHeaders): string | undefined {
  return TRACE_ID.exec([header].flat()[0] ?? "")?.groups?.root;
}

/** The load balancer's trace id finds the request in its access log; else the client's id, else ours. */
function requestIdOf(headers: IncomingHttpHeaders): string {
  const { "x-amzn-trace-id": traceId, "x-request-id": clientId } = headers;
  if (isRequestId(traceId)) return traceId;
  return isRequestId(clientId) ? clientId : randomUUID();
}

function isRequestId(value: string | string[] | undefined): value is string {
  return typeof value === "string" && /^[\x21-\x7e]{1,256}$/.test(value);
}
