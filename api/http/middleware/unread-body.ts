import type { IncomingMessage } from "node:http";
import type { ApiMiddleware } from "../request-state";

interface UnreadBodyOptions {
  /** The most bytes that are read and discarded before the answer. @default 16_777_216 */
  readonly maxBytes?: number;
  /** The longest time that is spent on it, in milliseconds. @default 10_000 */
  readonly maxMs?: number;
}

/**
 * Reads and discards the rest of the request's body before the answer is sent. Without this, Node
 * would close the connection while the client still sends, the client might never see the answer,
 * and the load balancer would answer 502. When the body exceeds a bound, the request is answered at
 * once and the connection is closed.
 */
export function unreadBody(options: UnreadBodyOptions = {}): ApiMiddleware {
  const { maxBytes = 16 * 1024 * 1024, maxMs = 10_000 } = options;
  return async function discardUnreadBody(ctx, next) {
    await next();
    if (!hasBody(ctx.req) || ctx.req.complete) return;
    const isThrough = await discard(ctx.req, maxBytes, maxMs);
    if (!isThrough) ctx.set("Connection", "close");
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  const { "content-length": length = "0", "transfer-encoding": encoding } = headers;
  return length !== "0" || encoding !== undefined;
}

/** Resolves to whether the body ended within the bounds. */
function discard(request: IncomingMessage, maxBytes: number, maxMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    let bytes = 0;
    const done = (isThrough: boolean) => {
      clearTimeout(timer);
      request.off("data", count).off("end", end).off("close", cut);
      if (!isThrough) request.pause();
      resolve(isThrough);
    };
    const count = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) done(false);
    };
    const end = () => {
      done(true);
    };
    const cut = () => {
      done(request.complete);
    };
    const timer = setTimeout(cut, maxMs);
    request.unpipe();
    request.on("data", count).once("end", end).once("close", cut).resume();
  });
}
