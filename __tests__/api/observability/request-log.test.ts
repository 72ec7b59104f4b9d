import { EventEmitter, once } from "node:events";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { brokenRepository } from "../support/broken-repository";
import { createTestApp } from "../support/test-app";
import { waitFor } from "../support/wait-for";

test("has one line per request, with id, method, route, status and duration", async () => {
  const { api, log } = createTestApp();
  await api.get("/items/1?secret=1").set("X-Request-Id", "abc").expect(400);
  expect(log).toHaveLength(1);
  expect(log[0]).toMatchObject({
    level: 30,
    requestId: "abc",
    method: "GET",
    route: "/items/:id",
    status: 400,
  });
  expect(log[0]?.durationMs).toBeGreaterThan(0);
  expect(log[0]).not.toHaveProperty("aborted");
  expect(JSON.stringify(log)).not.toContain("secret");
});

test.each([
  ["the load balancer's trace id", { "X-Amzn-Trace-Id": "Root=1-2-3" }, /^Root=1-2-3$/],
  [
    "the trace id before the client's id",
    { "X-Amzn-Trace-Id": "Root=1-2-3", "X-Request-Id": "abc" },
    /^Root=1-2-3$/,
  ],
  ["the client's id", { "X-Request-Id": "abc" }, /^abc$/],
  ["an id of its own where there is none", {}, /^[0-9a-f-]{36}$/],
  ["an id of its own for one too long", { "X-Request-Id": "a".repeat(257) }, /^[0-9a-f-]{36}$/],
])("names a request by %s", async (_what, headers, expected) => {
  const { api, log } = createTestApp();
  const response = await api.get("/items").set(headers).expect(200);
  expect(response.headers["x-request-id"]).toMatch(expected);
  expect(log[0]?.requestId).toBe(response.headers["x-request-id"]);
});

const trace = "1-67891233-abcdef012345678912345678";

test.each([
  [{}, undefined],
  [{ "X-Amzn-Trace-Id": `Root=${trace}` }, trace],
  [{ "X-Amzn-Trace-Id": `Self=1-67891234-12456789abcdef012345678;Root=${trace};Sampled=1` }, trace],
  [{ "X-Amzn-Trace-Id": "Root=made up" }, undefined],
])("with %j has the trace id %s", async (headers, expected) => {
  const { api, log } = createTestApp();
  await api.get("/items").set(headers).expect(200);
  expect(log[0]?.traceId).toBe(expected);
});

test.each([
  ["what the load balancer added", "203.0.113.7", "203.0.113.7"],
  ["nothing that the client made up", "10.0.0.1, evil, 203.0.113.7", "203.0.113.7"],
  ["an IPv6 address", "203.0.113.7, 2001:db8::1", "2001:db8::1"],
])("has the client's address: %s", async (_, forwarded, expected) => {
  const { api, log } = createTestApp();
  await api.get("/items").set("X-Forwarded-For", forwarded).expect(200);
  expect(log[0]?.clientAddress).toBe(expected);
});

test.each([{}, { "X-Forwarded-For": "<script>" }])(
  "has the address of the connection when no load balancer adds one: %j",
  async (headers) => {
    const { api, log } = createTestApp();
    await api.get("/items").set(headers).expect(200);
    expect(log[0]?.clientAddress).toMatch(/127\.0\.0\.1$/);
  },
);

test("is silent about health checks that succeed, which come all the time", async () => {
  const { api, log, stopping } = createTestApp();
  await api.get("/health").expect(200);
  await api.get("/live").expect(200);
  expect(log).toEqual([]);
  stopping.abort();
  await api.get("/health").expect(503);
  expect(log).toMatchObject([{ route: "/health", status: 503 }]);
});

test("contains nothing that a client sends", async () => {
  const { api, log } = createTestApp();
  const secret = "s3cret";
  await api
    .post(`/items?${secret}=${secret}`)
    .set({ Authorization: secret, Cookie: secret, "Idempotency-Key": secret, "User-Agent": secret })
    .send({ name: secret })
    .expect(400);
  await api.get(`/${secret}`).expect(404);
  expect(log).toHaveLength(2);
  expect(JSON.stringify(log)).not.toContain(secret);
});

test("marks a request whose client has disconnected as aborted", async () => {
  const asked = new EventEmitter();
  const { handler, log } = createTestApp({
    ...brokenRepository,
    list: () => (asked.emit("list"), new Promise(() => undefined)),
  });
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = get({ port, path: "/items", agent: false }).on("error", () => undefined);
  await once(asked, "list");

  client.destroy();
  await waitFor("the log line", () => log[0]);
  expect(log).toHaveLength(1);
  expect(log[0]).toMatchObject({ route: "/items", aborted: true });
  server.close();
});

test("has the cause of a 500, of which the client learns nothing", async () => {
  const { api, log } = createTestApp(brokenRepository);
  const response = await api.get("/items").expect(500);
  expect(response.text).not.toContain("table on fire");
  expect(response.type).toBe("application/problem+json");
  expect(log).toHaveLength(1);
  expect(log[0]).toMatchObject({ level: 50, status: 500, err: { message: "table on fire" } });
});
