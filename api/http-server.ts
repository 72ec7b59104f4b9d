import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** What Koa's `app.callback()` is: it never rejects. */
type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Idle timeout of an Application Load Balancer, as AWS sets it. */
const LOAD_BALANCER_IDLE_TIMEOUT_MS = 60_000;

/**
 * An HTTP server, not yet listening, that outlives the load balancer's idle connections: were it the
 * first to close one, a request just sent on it would be answered 502. Node wants the other two
 * timeouts above that; they cut off clients that are slow to send.
 */
export function createHttpServer(handle: Handler) {
  const server = createServer(
    {
      keepAliveTimeout: LOAD_BALANCER_IDLE_TIMEOUT_MS + 5_000,
      headersTimeout: LOAD_BALANCER_IDLE_TIMEOUT_MS + 6_000,
      requestTimeout: LOAD_BALANCER_IDLE_TIMEOUT_MS + 10_000,
    },
    (request, response) => void handle(request, response),
  );
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });

  /**
   * Takes no new connection, closes the idle ones and resolves when the others are done; those that
   * are not within `deadlineMs` are cut.
   */
  async function stop(deadlineMs: number): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    closeSilent(sockets);
    const deadline = setTimeout(() => {
      server.closeAllConnections();
    }, deadlineMs);
    await closed;
    clearTimeout(deadline);
  }

  return { server, stop };
}

/**
 * `server.close()` closes idle connections, but counts as idle only those that had a request: those
 * opened in advance would hold the stop until its deadline.
 */
function closeSilent(sockets: Iterable<Socket>): void {
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
}
