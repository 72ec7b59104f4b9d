import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** The headers that ALB adds to a request on its way to a target. */
export function forwardedHeaders(
  request: IncomingMessage,
  listenerPort: number,
): Record<string, string> {
  const before = request.headers["x-forwarded-for"];
  const client = request.socket.remoteAddress ?? "";
  return {
    "x-forwarded-for": before ? `${[before].flat().join(", ")}, ${client}` : client,
    "x-forwarded-proto": "http",
    "x-forwarded-port": String(listenerPort),
    "x-amzn-trace-id": traceId(request.headers["x-amzn-trace-id"]),
    // The connection to the target is the load balancer's own and does not depend on the client's.
    connection: "keep-alive",
  };
}

/** Appends the load balancer's part to an incoming trace id, or makes a new one. */
function traceId(incoming: string | string[] | undefined): string {
  const own = `1-${Math.floor(Date.now() / 1000).toString(16)}-${randomBytes(12).toString("hex")}`;
  const given = [incoming ?? []].flat().join(";");
  return given.includes("Root=") ? `Self=${own};${given}` : `Root=${own}`;
}

/** The headers that remain with `routing.http.drop_invalid_header_fields.enabled`. */
export function validHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => /^[-A-Za-z0-9]+$/.test(name)),
  );
}
