import type { ApiMiddleware } from "../request-state";

/**
 * Once `stopping` is aborted, every answer asks the client to close its connection. A stopping
 * server waits for open connections, and a load balancer keeps idle ones open for a minute.
 */
export function drain(stopping: AbortSignal): ApiMiddleware {
  return async function closeConnectionsWhileStopping(ctx, next) {
    await next();
    if (stopping.aborted) ctx.set("Connection", "close");
  };
}
