import { once } from "node:events";
import { Agent, request, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { createHttpServer } from "../../../api/http/http-server";
import { ListenerServer } from "../../../local/load-balancer/listener-server";
import { createTestApp } from "../support/test-app";

// These tests check the answers to requests whose body was not read, on keep-alive connections:
// directly, and through the local load balancer, which would answer 502 if a connection was closed
// too early.
const api = createTestApp();
const { server, stop } = createHttpServer(async (...args) => {
  api.handler(...args);
  await Promise.resolve();
});
const portOf = (address: unknown) => (address as AddressInfo).port;
let loadBalancer: ListenerServer;
const agent = new Agent({ keepAlive: true, maxSockets: 4 });

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const target = { id: "127.0.0.1", port: portOf(server.address()) };
  loadBalancer = new ListenerServer(
    {
      arn: "listener",
      port: 80,
      loadBalancerName: "main",
      rules: [{ IsDefault: true, Actions: [{ Type: "forward", TargetGroupArn: "group" }] }],
      idleTimeoutSeconds: 60,
      dropInvalidHeaderFields: false,
      securityGroups: [],
    },
    () => ({ next: () => ({ kind: "target", target }) }),
  );
  await loadBalancer.listen(0);
});

afterAll(async () => {
  agent.destroy();
  await loadBalancer.close();
  await stop(1000);
});

const JSON_TYPE = { "content-type": "application/json" };

interface Sent {
  readonly port: number;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly bytes: number;
}

async function send({ port, method = "POST", path = "/items", headers, bytes }: Sent) {
  const call = request({
    host: "127.0.0.1",
    port,
    method,
    path,
    agent,
    headers: headers ?? JSON_TYPE,
  });
  const [response] = (await once(call.end(Buffer.alloc(bytes, "x")), "response")) as [
    IncomingMessage,
  ];
  const body = (await json(response)) as { status: number };
  return [response.statusCode, body.status];
}

const ports = {
  directly: () => portOf(server.address()),
  "through the load balancer": () => Number(new URL(loadBalancer.url).port),
};

describe.each(Object.entries(ports))("%s", (_, port) => {
  test.each([200_000, 2_000_000, 5_000_000])(
    "thirty bodies of %d bytes get 413, each",
    async (bytes) => {
      const answers = await Promise.all(
        Array.from({ length: 30 }, () => send({ port: port(), bytes })),
      );
      expect(answers).toEqual(Array(30).fill([413, 413]));
    },
  );

  test.each<[number, Omit<Sent, "port" | "bytes">]>([
    [404, { path: "/nowhere" }],
    [405, { method: "PUT" }],
    [406, { headers: { ...JSON_TYPE, accept: "text/html" } }],
    [415, { headers: { "content-type": "text/plain" } }],
    [415, { headers: { ...JSON_TYPE, "content-encoding": "unknown" } }],
    [400, { headers: { ...JSON_TYPE, "content-encoding": "gzip" } }],
    [413, { headers: { ...JSON_TYPE, expect: "100-continue" } }],
    [413, { headers: { ...JSON_TYPE, "transfer-encoding": "chunked" } }],
  ])("a large body that is refused with %i gets its answer: %j", async (status, sent) => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => send({ ...sent, port: port(), bytes: 2_000_000 })),
    );
    expect(answers).toEqual(Array(10).fill([status, status]));
  });

  test("while the API is stopping, too", async () => {
    api.stopping.abort();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => send({ port: port(), bytes: 2_000_000 })),
    );
    expect(answers).toEqual(Array(10).fill([413, 413]));
  });
});

test("a body beyond all bounds is answered before it has ended, and its connection closed", async () => {
  const call = request({
    host: "127.0.0.1",
    port: ports.directly(),
    method: "POST",
    path: "/items",
    headers: { ...JSON_TYPE, "content-length": 1e9 },
  });
  try {
    // This is one byte more than the API reads. TCP would reset the connection of a client that
    // sends even more, and the client could lose the response.
    call.write(Buffer.alloc(16 * 1024 * 1024 + 1, "x"));
    const [response] = (await once(call, "response")) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    expect(response.headers.connection).toBe("close");
  } finally {
    call.on("error", () => undefined).destroy();
  }
}, 30_000);
