import { once } from "node:events";
import { get, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { createHttpServer } from "../../api/http-server";

const NEVER_MS = 60_000;

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

test("idle connections outlive those of the load balancer (60 s), and header reading those", () => {
  const { server } = createHttpServer(() => Promise.resolve());
  expect(server.keepAliveTimeout).toBeGreaterThanOrEqual(65_000);
  expect(server.headersTimeout).toBeGreaterThan(server.keepAliveTimeout);
  expect(server.requestTimeout).toBeGreaterThan(server.headersTimeout);
});

test("stopping waits for a request in flight and takes no new one", async () => {
  let finish = () => {};
  const { server, stop } = createHttpServer((_request, response) => {
    finish = () => response.end("done");
    return Promise.resolve();
  });
  const port = await listen(server);
  const response = once(get({ port, agent: false }), "response");
  await once(server, "request");

  const stopped = stop(NEVER_MS);
  await expect(once(connect(port), "connect")).rejects.toThrow("ECONNREFUSED");
  finish();
  expect(await response).toEqual([expect.objectContaining({ statusCode: 200 })]);
  await stopped;
});

test("stopping does not wait for connections on which nothing was asked yet", async () => {
  const { server, stop } = createHttpServer(() => Promise.resolve());
  const port = await listen(server);
  const socket = connect(port);
  await Promise.all([once(server, "connection"), once(socket, "connect")]);
  await stop(NEVER_MS);
  socket.destroy();
});

test("a request that never ends is cut off at the deadline", async () => {
  const { server, stop } = createHttpServer(() => Promise.resolve());
  const port = await listen(server);
  const response = once(get({ port, agent: false }), "response");
  const cut = expect(response).rejects.toThrow("socket hang up");
  await once(server, "request");
  await stop(50);
  await cut;
});
