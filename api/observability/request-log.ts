import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { Logger } from "pino";
import { PROBED_ROUTES } from "../http/health";
import type { ApiMiddleware } from "../http/request-state";
import { matchedRoute } from "../http/middleware/matched-route";

/**
 * Gives each request an id and logs one line for it when it is answered or its client has
 * disconnected. The line has the request id, trace id, the client's address, the access token's
 * subject, method, route, status, duration, `aborted` when the client disconnected, and the error
 * behind a 5xx. Successful health checks are logged at the level debug.
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
 * The address of the client that connected to the load balancer, which appends it to
 * `X-Forwarded-For`. The client itself may have sent any earlier entries. Without a load balancer,
 * it is the address of the connection.
 */
function clientAddressOf({ headers, socket }: IncomingMessage): string | undefined {
  const forwarded = [headers["x-forwarded-for"]].flat().at(-1);
  const last = forwarded?.slice(forwarded.lastIndexOf(",") + 1).trim();
  return last !== undefined && isIP(last) !== 0 ? last : socket.remoteAddress;
}

const TRACE_ID = /(?:^|;)Root=(?<root>1-[0-9a-f]{8}-[0-9a-f]{24})(?:;|$)/;

/**
 * The root of the load balancer's trace id, which also appears in X-Ray and in the load balancer's
 * access log.
 */
function traceIdOf({ "x-amzn-trace-id": header }: IncomingHttpHeaders): string | undefined {
  return TRACE_ID.exec([header].flat()[0] ?? "")?.groups?.root;
}

/**
 * The load balancer's trace id, because it also appears in its access log; without it the client's
 * id, and otherwise a new id.
 */
function requestIdOf(headers: IncomingHttpHeaders): string {
  const { "x-amzn-trace-id": traceId, "x-request-id": clientId } = headers;
  if (isRequestId(traceId)) return traceId;
  return isRequestId(clientId) ? clientId : randomUUID();
}

function isRequestId(value: string | string[] | undefined): value is string {
  return typeof value === "string" && /^[\x21-\x7e]{1,256}$/.test(value);
}
