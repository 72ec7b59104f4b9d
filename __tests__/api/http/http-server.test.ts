import { once } from "node:events";
import { get, STATUS_CODES, type IncomingMessage, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { createHttpServer } from "../../../api/http/http-server";
import { waitFor } from "../support/wait-for";

const NEVER_MS = 60_000;
const REQUEST = "GET / HTTP/1.1\r\nHost: api\r\n\r\n";

const sockets: Socket[] = [];
const servers: Server[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Options = NonNullable<Parameters<typeof createHttpServer>[1]>;

/** Starts a server that answers "done" to every complete request. Its timeouts can be short. */
async function startServer(
  handle: Parameters<typeof createHttpServer>[0] = answerWhenRead,
  timeouts?: Options["timeouts"],
  methodsAt?: Options["methodsAt"],
) {
  const { server, stop } = createHttpServer(handle, { timeouts, methodsAt });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, stop, port: (server.address() as AddressInfo).port };
}

async function answerWhenRead(
  request: IncomingMessage,
  response: Parameters<Parameters<typeof createHttpServer>[0]>[1],
) {
  await text(request).then(
    () => response.end("done"),
    () => undefined,
  );
}

/** Opens a connection for sending raw bytes, and collects the bytes that are received. */
async function open(port: number, options?: { allowHalfOpen: boolean }) {
  const socket = connect({ port, host: "127.0.0.1", ...options });
  sockets.push(socket);
  const received = { text: "", ended: false, error: undefined as unknown };
  socket.on("data", (chunk) => (received.text += String(chunk)));
  socket.on("end", () => (received.ended = true));
  socket.on("error", (error) => (received.error = error));
  await once(socket, "connect");
  return { socket, received };
}

type Connection = Awaited<ReturnType<typeof open>>;

const answers = ({ received }: Connection, count = 1) =>
  waitFor(
    `${count} answers`,
    () => received.text.split("\r\n\r\ndone").length > count || undefined,
  );

/** Waits until the connection is closed without an error. Its last answer must be this problem. */
async function expectProblem({ socket, received }: Connection, status: number) {
  await waitFor("the connection to close", () => socket.closed || undefined);
  expect(received.error).toBeUndefined();
  const [head = "", body = ""] = received.text.split("\r\n\r\n").slice(-2);
  expect(head).toMatch(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n`);
  expect(head).toMatch(/^Content-Type: application\/problem\+json$/m);
  expect(head).toMatch(/^Connection: close$/m);
  expect(head).toMatch(new RegExp(`^Content-Length: ${Buffer.byteLength(body)}$`, "m"));
  expect(JSON.parse(body)).toEqual({
    type: "about:blank",
    title: STATUS_CODES[status],
    status,
    detail: expect.any(String) as string,
  });
}

test("idle connections outlive those of the load balancer, slow requests not even a stop", () => {
  const { server } = createHttpServer(() => Promise.resolve());
  expect(server.keepAliveTimeout).toBeGreaterThanOrEqual(65_000);
  expect(server.timeout).toBeGreaterThanOrEqual(65_000);
  expect(server.requestTimeout).toBeGreaterThan(server.headersTimeout);
  expect(server.requestTimeout).toBeLessThan(20_000);
});

describe("a client that is slow", () => {
  const timeouts = { idleMs: NEVER_MS, headersMs: 100, requestMs: 200 };

  test("to send its headers gets 408", async () => {
    const { port } = await startServer(answerWhenRead, timeouts);
    const connection = await open(port);
    connection.socket.write("GET / HTTP/1.1\r\nX-Slow: ");
    await expectProblem(connection, 408);
  });

  test("to send its body gets 408", async () => {
    const { port } = await startServer(answerWhenRead, timeouts);
    const connection = await open(port);
    connection.socket.write("POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 10\r\n\r\nslow");
    await expectProblem(connection, 408);
  });

  test("to send its first request may take as long as an idle one", async () => {
    const { server, port } = await startServer(answerWhenRead, timeouts);
    const connection = await open(port);
    await once(server, "clientError");
    connection.socket.write(REQUEST);
    await answers(connection);

    const late = await open(port);
    await once(server, "clientError");
    late.socket.write("GET / HTTP/1.1\r\n");
    await expectProblem(late, 408);
  });

  test("to send its next request may take longer than headers may", async () => {
    const { port } = await startServer(answerWhenRead, timeouts);
    const connection = await open(port);
    connection.socket.write(REQUEST);
    await answers(connection);

    const slower = await open(port);
    slower.socket.write("GET / HTTP/1.1\r\n");
    await expectProblem(slower, 408);

    connection.socket.write(REQUEST);
    await answers(connection, 2);
  });

  test("to send anything at all is cut off, and to read the answer too", async () => {
    const huge = Buffer.alloc(50_000_000);
    const { server, port } = await startServer(
      (_request, response) => Promise.resolve(void response.end(huge)),
      { ...timeouts, idleMs: 200 },
    );
    const connected = once(server, "connection") as Promise<[Socket]>;
    const reader = await open(port);
    const closed = once((await connected)[0], "close");
    reader.socket.pause().write(REQUEST);
    const silent = await open(port);
    await waitFor("the silent connection to end", () => silent.received.ended || undefined);
    await closed;
    await once(reader.socket.resume(), "close");
    expect(reader.received.text.length).toBeLessThan(huge.length);
  });

  test("to be answered is not cut off", async () => {
    let finish = () => {};
    const { port } = await startServer((_request, response) => {
      finish = () => response.end("done");
      return Promise.resolve();
    }, timeouts);
    const waiting = await open(port);
    waiting.socket.write(REQUEST);
    const slower = await open(port);
    slower.socket.write("POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 1\r\n\r\n");
    await waitFor("the slower one's answer", () => slower.received.ended || undefined);
    expect(waiting.received).toMatchObject({ text: "", ended: false });
    finish();
  });
});

describe("a request that cannot be read", () => {
  test("gets 400", async () => {
    const { port } = await startServer();
    const connection = await open(port);
    connection.socket.write("BREW /pot\r\n\r\n");
    await expectProblem(connection, 400);
  });

  test.each([
    ["BREW /pot HTTP/1.1", 405],
    ["BREW /pot?strong HTTP/1.1", 405],
    ["BREW /cup HTTP/1.1", 404],
    ["BREW pot HTTP/1.1", 400],
    ["BR(W /pot HTTP/1.1", 400],
    ["BREW /pot HTTP/9.9", 400],
  ])(
    "gets the answer of its path when Node does not know its method: %s %d",
    async (line, status) => {
      const methodsAt = (path: string) => (path === "/pot" ? ["HEAD", "GET"] : []);
      const { port } = await startServer(undefined, undefined, methodsAt);
      const connection = await open(port);
      connection.socket.write(`${line}\r\nHost: api\r\n\r\n`);
      await expectProblem(connection, status);
      expect(/^Allow: HEAD, GET\r$/m.test(connection.received.text)).toBe(status === 405);
    },
  );

  test("gets 431 when its headers are too large, and has 16 KiB for them", async () => {
    const { port } = await startServer();
    const below = await open(port);
    below.socket.write(`GET / HTTP/1.1\r\nHost: api\r\nX: ${"x".repeat(16_000)}\r\n\r\n`);
    await answers(below);

    const above = await open(port);
    above.socket.write(`GET / HTTP/1.1\r\nHost: api\r\nX: ${"x".repeat(17_000)}\r\n\r\n`);
    await expectProblem(above, 431);
  });

  test("is answered although its client is still sending", async () => {
    const { port } = await startServer();
    const connection = await open(port);
    connection.socket.write(`GET / HTTP/1.1\r\nX: ${"x".repeat(5_000_000)}`);
    await expectProblem(connection, 431);
  });

  test("cannot hold its connection by sending for ever", async () => {
    const { port } = await startServer();
    const { socket } = await open(port, { allowHalfOpen: true });
    socket.write("BREW /pot\r\n\r\n");
    const sending = setInterval(() => socket.write("more"), 10);
    socket.once("close", () => {
      clearInterval(sending);
    });
    await waitFor("the connection to be cut", () => socket.closed || undefined);
  });

  test("on a connection whose answer is under way gets no answer in the midst of that", async () => {
    const { port } = await startServer((_request, response) => {
      response.writeHead(200, { "Content-Length": 10 }).write("half");
      return Promise.resolve();
    });
    const connection = await open(port);
    connection.socket.write(REQUEST);
    await waitFor("half", () => connection.received.text.endsWith("half") || undefined);
    connection.socket.write("BREW /pot\r\n\r\n");
    await once(connection.socket, "close");
    expect(connection.received.text).toMatch(/half$/);
  });

  test("because its client resets the connection harms nobody else", async () => {
    const { server, port } = await startServer();
    const { socket } = await open(port);
    socket.write("POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 10\r\n\r\n");
    await once(server, "request");
    socket.resetAndDestroy();
    await once(server, "clientError");

    const other = await open(port);
    other.socket.write(REQUEST);
    await answers(other);
  });
});

describe("stopping", () => {
  test("waits for a request in flight and takes no new one", async () => {
    let finish = () => {};
    const { server, stop, port } = await startServer((_request, response) => {
      finish = () => response.end("done");
      return Promise.resolve();
    });
    const response = once(get({ port, agent: false }), "response");
    await once(server, "request");

    const stopped = stop(NEVER_MS);
    await expect(once(connect(port), "connect")).rejects.toThrow("ECONNREFUSED");
    finish();
    expect(await response).toEqual([expect.objectContaining({ statusCode: 200 })]);
    await stopped;
  });

  test("does not wait for idle connections, used before or never", async () => {
    const { server, stop, port } = await startServer();
    const asked = await open(port);
    asked.socket.write(REQUEST);
    await answers(asked);
    const connected = once(server, "connection");
    await open(port);
    await connected;
    await stop(NEVER_MS);
  });

  test("does not wait for a connection that becomes idle, though its client would keep it", async () => {
    let finish = () => {};
    const { server, stop, port } = await startServer((_request, response) => {
      response.writeHead(200, { "Content-Length": 4 }).write("do");
      finish = () => response.end("ne");
      return Promise.resolve();
    });
    const connection = await open(port);
    connection.socket.write(REQUEST);
    await once(server, "request");
    const stopped = stop(NEVER_MS);
    finish();
    await stopped;
    expect(connection.received.text).toMatch(/Connection: keep-alive[^]*\r\n\r\ndone$/);
  });

  test("lets a slow reader have all of its answer", async () => {
    const huge = Buffer.alloc(50_000_000, "x");
    const { server, stop, port } = await startServer((_request, response) =>
      Promise.resolve(void response.end(huge)),
    );
    const request = get({ port, agent: false });
    await once(server, "request");
    const stopped = stop(NEVER_MS);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    expect(await text(response)).toHaveLength(huge.length);
    await stopped;
  });

  test("still cuts off a slow client", async () => {
    const { server, stop, port } = await startServer(answerWhenRead, {
      idleMs: NEVER_MS,
      headersMs: 100,
      requestMs: 200,
    });
    const connection = await open(port);
    connection.socket.write("POST / HTTP/1.1\r\nHost: api\r\nContent-Length: 10\r\n\r\nslow");
    await once(server, "request");
    await stop(NEVER_MS);
    await expectProblem(connection, 408);
  });

  test("cuts off at the deadline a request that never ends", async () => {
    const { server, stop, port } = await startServer(() => Promise.resolve());
    const response = once(get({ port, agent: false }), "response");
    const cut = expect(response).rejects.toThrow("socket hang up");
    await once(server, "request");
    await stop(50);
    await cut;
  });
});
