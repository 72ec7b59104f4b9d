import { createServer, METHODS, type IncomingMessage, type ServerResponse } from "node:http";
import { Server as TcpServer, Socket } from "node:net";
import { methodNotAllowed, nothingThere, Problem } from "./problem";

/** What Koa's `app.callback()` is: it never rejects. */
type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface Timeouts {
  /** A connection on which nothing moves is closed after this long, asked on before or never. */
  readonly idleMs: number;
  /** A request's head must be there so long after its first byte, give or take a tenth. */
  readonly headersMs: number;
  /** All of a request must be there so long after its first byte. */
  readonly requestMs: number;
}

/** The methods that a path takes; none when there is nothing at the path. */
type MethodsAt = (path: string) => readonly string[];

interface HttpServerOptions {
  /** @default - those of docs/decisions/0009 */
  readonly timeouts?: Timeouts | undefined;
  /** @default - there is nothing at any path */
  readonly methodsAt?: MethodsAt | undefined;
}

/** docs/decisions/0009: the load balancer's idle timeout is 60 s, the deadline of a stop is 20 s. */
const TIMEOUTS: Timeouts = { idleMs: 65_000, headersMs: 10_000, requestMs: 15_000 };

/** Of the request line and all header fields together: what is longer gets 431. */
const MAX_HEADER_BYTES = 16 * 1024;

/** While stopping, how often connections are looked for that have become idle. */
const SWEEP_INTERVAL_MS = 100;

/** How long a refused client has for reading why, before its connection is cut. */
const LINGER_MS = 1000;

/**
 * An HTTP server, not yet listening, that outlives the load balancer's idle connections (were it the
 * first to close one, a request just sent on it would be answered 502) and cuts off slow clients.
 *
 * Node refuses a request with a method that it does not know before the handler sees it. `methodsAt` makes
 * the answer possible.
 */
export function createHttpServer(handle: Handler, options: HttpServerOptions = {}) {
  const { timeouts = TIMEOUTS, methodsAt = () => [] } = options;
  const server = createServer(
    {
      keepAliveTimeout: timeouts.idleMs,
      headersTimeout: timeouts.headersMs,
      requestTimeout: timeouts.requestMs,
      connectionsCheckingInterval: timeouts.headersMs / 10,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (request, response) => void handle(request, response),
  );
  server.timeout = timeouts.idleMs;
  server.on("clientError", (error, socket) => {
    if (socket instanceof Socket) refuse(error, socket, methodsAt);
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });

  /** Node takes a connection for idle once its answer is written, sent or not: it would be cut short. */
  function closeIdle() {
    const open = [...sockets];
    if (open.some(({ writableLength }) => writableLength > 0)) return;
    server.closeIdleConnections();
    // To Node, connections that were opened in advance are not idle.
    for (const socket of open.filter(isSilent)) socket.destroy();
  }

  /**
   * Takes no new connection, closes the idle ones and resolves when the others are done; those that
   * are not within `deadlineMs` are cut.
   */
  async function stop(deadlineMs: number): Promise<void> {
    // Not HTTP's `server.close()`: it has the fault described above, and ends the timeouts.
    const closed = new Promise((resolve) => TcpServer.prototype.close.call(server, resolve));
    closeIdle();
    const sweep = setInterval(closeIdle, SWEEP_INTERVAL_MS);
    const deadline = setTimeout(() => {
      server.closeAllConnections();
    }, deadlineMs);
    await closed;
    clearInterval(sweep);
    clearTimeout(deadline);
  }

  return { server, stop };
}

/** Whether nothing came on a connection yet. */
const isSilent = ({ bytesRead }: Socket) => bytesRead === 0;

interface ParseError extends NodeJS.ErrnoException {
  /** What could not be parsed. */
  readonly rawPacket?: Buffer;
}

/** Answers what is not a request, or not yet, and closes its connection. */
function refuse(error: ParseError, socket: Socket, methodsAt: MethodsAt): void {
  // Opened in advance: its time has not begun.
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT" && isSilent(socket)) return;
  // Reset by the client; or refused before, and still sending.
  if (!socket.writable) return;
  const { _httpMessage: answer } = socket as Socket & { _httpMessage?: ServerResponse };
  if (answer?.headersSent) {
    socket.destroy();
    return;
  }
  socket.end(asText(problemOf(error, methodsAt)));
  // Closed at once, with bytes of the client unread, the system would take the answer back.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

function problemOf({ code, rawPacket }: ParseError, methodsAt: MethodsAt): Problem {
  switch (code) {
    case "HPE_INVALID_METHOD":
      return unknownMethod(rawPacket?.toString("latin1") ?? "", methodsAt);
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new Problem(408, "The request did not arrive in time: send it faster.");
    case "HPE_HEADER_OVERFLOW":
      return new Problem(431, `The headers are too large: send at most ${MAX_HEADER_BYTES} bytes.`);
    default:
      return notHttp();
  }
}

const notHttp = () => new Problem(400, "The request is not valid HTTP/1.1.");

const REQUEST_LINE = /^(?<method>[\w!#$%&'*+.^`|~-]+) (?<path>\/[^ ?#]*)[^ ]* HTTP\/1\.1\r\n/;

/** The answer that the app gives to methods that it knows and a path does not take. */
function unknownMethod(packet: string, methodsAt: MethodsAt): Problem {
  const { method, path } = REQUEST_LINE.exec(packet)?.groups ?? {};
  if (method === undefined || path === undefined || METHODS.includes(method)) return notHttp();
  const methods = methodsAt(path);
  return methods.length > 0 ? methodNotAllowed(method, methods) : nothingThere();
}

function asText(problem: Problem): string {
  const { title, ...rest } = problem.toJSON();
  const body = JSON.stringify({ title, ...rest });
  return [
    `HTTP/1.1 ${problem.status} ${title ?? ""}`,
    `Date: ${new Date().toUTCString()}`,
    "Content-Type: application/problem+json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(problem.headers).map(([name, value]) => `${name}: ${value}`),
    "Connection: close",
    "",
    body,
  ].join("\r\n");
}
