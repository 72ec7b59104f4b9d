import { createServer, METHODS, type IncomingMessage, type ServerResponse } from "node:http";
import { Server as TcpServer, Socket } from "node:net";
import { methodNotAllowed, nothingThere, Problem } from "./problem";

/** The type of Koa's `app.callback()`, which never rejects. */
type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface Timeouts {
  /**
   * A connection is closed after this long without traffic, whether or not it has carried a
   * request.
   */
  readonly idleMs: number;
  /**
   * The head of a request must arrive within this time after its first byte. Node checks with a
   * tolerance of a tenth.
   */
  readonly headersMs: number;
  /** The whole request must arrive within this time after its first byte. */
  readonly requestMs: number;
}

/** The methods that a path accepts. The list is empty when the path does not exist. */
type MethodsAt = (path: string) => readonly string[];

interface HttpServerOptions {
  /** @default - the timeouts of docs/decisions/0009 */
  readonly timeouts?: Timeouts | undefined;
  /** @default - no path exists */
  readonly methodsAt?: MethodsAt | undefined;
}

/**
 * docs/decisions/0009 gives the reasons: the load balancer's idle timeout is 60 s, and stopping has
 * a deadline of 20 s.
 */
const TIMEOUTS: Timeouts = { idleMs: 65_000, headersMs: 10_000, requestMs: 15_000 };

/** The limit for the request line and all header fields together. A longer head gets 431. */
const MAX_HEADER_BYTES = 16 * 1024;

/** How often the server looks for connections that have become idle while it stops. */
const SWEEP_INTERVAL_MS = 100;

/** How long a client may read the error answer before its connection is closed. */
const LINGER_MS = 1000;

/**
 * Creates an HTTP server that does not listen yet. Its idle timeout is longer than the load
 * balancer's: if the server closed an idle connection first, a request that was just sent on it
 * would be answered 502. The server also disconnects slow clients.
 *
 * Node rejects a request with an unknown method before the handler sees it. `methodsAt` is needed
 * to answer such a request.
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

  /**
   * Does nothing while an answer is still being sent. Node counts a connection as idle once its
   * answer is written, and closing it then would cut the answer short.
   */
  function closeIdle() {
    const open = [...sockets];
    if (open.some(({ writableLength }) => writableLength > 0)) return;
    server.closeIdleConnections();
    // Node does not treat a connection as idle before its first request, so these are closed here.
    for (const socket of open.filter(isSilent)) socket.destroy();
  }

  /**
   * Accepts no new connections, closes idle ones and resolves when all requests are answered. After
   * `deadlineMs` it closes the connections that are still open.
   */
  async function stop(deadlineMs: number): Promise<void> {
    // HTTP's own `server.close()` has the fault described above and also disables the timeouts.
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

/** Whether a connection has received nothing yet. */
const isSilent = ({ bytesRead }: Socket) => bytesRead === 0;

interface ParseError extends NodeJS.ErrnoException {
  /** The bytes that could not be parsed. */
  readonly rawPacket?: Buffer;
}

/** Answers an invalid or incomplete request, and closes its connection. */
function refuse(error: ParseError, socket: Socket, methodsAt: MethodsAt): void {
  // The client opened the connection in advance, and no request has begun.
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT" && isSilent(socket)) return;
  // The client has reset the connection, or it was refused before and is still sending.
  if (!socket.writable) return;
  const { _httpMessage: answer } = socket as Socket & { _httpMessage?: ServerResponse };
  if (answer?.headersSent) {
    socket.destroy();
    return;
  }
  socket.end(asText(problemOf(error, methodsAt)));
  // If the connection were closed at once with unread bytes of the client, the operating system
  // would discard the answer.
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

/** The same answer as for a known method that the path does not accept. */
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
