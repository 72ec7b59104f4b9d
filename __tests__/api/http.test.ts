import { EventEmitter, once } from "node:events";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import request from "supertest";
import type { ItemRepository } from "../../api/items/item-repository";
import { createTestApp } from "./support/test-app";
import { waitFor } from "./support/wait-for";

const bolt = { sku: "BOLT-M8", name: "Bolt M8", quantity: 12 };

describe("HTTP", () => {
  const { handler } = createTestApp();
  const api = request(handler);

  test("answers 404 as a problem where there is nothing", async () => {
    const response = await api
      .get("/nothing")
      .expect(404)
      .expect("Content-Type", "application/problem+json");
    expect(response.body).toEqual({
      type: "about:blank",
      title: "Not Found",
      status: 404,
      detail: "There is nothing at this path.",
    });
  });

  test.each([
    ["delete", "/items", "HEAD, GET, POST"],
    ["post", "/items/1", "HEAD, GET"],
    ["put", "/health", "HEAD, GET"],
  ] as const)("answers 405 with Allow to %s %s", async (method, path, allow) => {
    const response = await api[method](path)
      .expect(405)
      .expect("Content-Type", "application/problem+json")
      .expect("Allow", allow);
    expect(response.body).toMatchObject({ status: 405, title: "Method Not Allowed" });
  });

  test("answers HEAD as GET without a body, and OPTIONS with Allow", async () => {
    const head = await api.head("/items").expect(200);
    expect(head.text).toBeUndefined();
    await api.options("/items").expect(200).expect("Allow", "HEAD, GET, POST");
  });

  test.each([["text/plain"], ["application/x-www-form-urlencoded"], ["application/jsonp"]])(
    "answers 415 to a body of type %s",
    async (type) => {
      const response = await api.post("/items").set("Content-Type", type).send("{}").expect(415);
      expect((response.body as { detail: string }).detail).toContain(type);
    },
  );

  test("answers 415 to a POST without a body", async () => {
    await api.post("/items").expect(415).expect("Content-Type", "application/problem+json");
  });

  test("answers 415 to a content encoding it does not know", async () => {
    await api
      .post("/items")
      .set({ "Content-Type": "application/json", "Content-Encoding": "compress" })
      .send("{}")
      .expect(415);
  });

  test("reads JSON with a charset, and compressed", async () => {
    await api
      .post("/items")
      .set("Content-Type", "application/json; charset=utf-8")
      .send(JSON.stringify(bolt))
      .expect(201);
    const compressed = api
      .post("/items")
      .set({ "Content-Type": "application/json", "Content-Encoding": "gzip" });
    compressed.write(gzipSync(JSON.stringify(bolt)));
    await compressed.expect(201);
  });

  test.each(["{", '"text"', "1", "{'sku':1}", "{}}"])(
    "answers 400 to %s, which is not a JSON object",
    async (body) => {
      const response = await api
        .post("/items")
        .set("Content-Type", "application/json")
        .send(body)
        .expect(400)
        .expect("Content-Type", "application/problem+json");
      expect((response.body as { detail: string }).detail).toContain("cannot be read as JSON");
    },
  );

  test("answers 413 to a body above 100 kB, also when only compressed it is below", async () => {
    const large = JSON.stringify({ ...bolt, description: "d".repeat(100_000) });
    await api.post("/items").set("Content-Type", "application/json").send(large).expect(413);
    const compressed = api
      .post("/items")
      .set({ "Content-Type": "application/json", "Content-Encoding": "gzip" });
    compressed.write(gzipSync(large));
    await compressed.expect(413).expect("Content-Type", "application/problem+json");
  });

  test("sends security headers with every answer, and no X-Powered-By", async () => {
    for (const path of ["/items", "/nothing"]) {
      const { headers } = await api.get(path);
      expect(headers).toMatchObject({
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
      });
      expect(headers).not.toHaveProperty("x-powered-by");
    }
  });
});

describe("health", () => {
  test("is ready and alive, and keeps connections, until it stops", async () => {
    const { handler, stopping } = createTestApp();
    const ready = await request(handler).get("/health").set("Connection", "keep-alive").expect(200);
    expect(ready.body).toEqual({ status: "ok" });
    expect(ready.headers.connection).toBe("keep-alive");

    stopping.abort();
    const draining = await request(handler)
      .get("/health")
      .set("Connection", "keep-alive")
      .expect(503);
    expect(draining.headers.connection).toBe("close");
    await request(handler).get("/live").expect(200);
    const failed = await request(handler).get("/nothing").set("Connection", "keep-alive");
    expect(failed.headers.connection).toBe("close");
  });

  test("does not ask the store", async () => {
    const { handler } = createTestApp(brokenRepository);
    await request(handler).get("/health").expect(200);
    await request(handler).get("/live").expect(200);
    await request(handler).get("/items").expect(500);
  });
});

describe("the request log", () => {
  test("has one line per request, with id, method, route, status and duration", async () => {
    const { handler, log } = createTestApp();
    await request(handler).get("/items/1?secret=1").set("X-Request-Id", "abc").expect(404);
    expect(log).toHaveLength(1);
    expect(log[0]).toMatchObject({
      level: 30,
      requestId: "abc",
      method: "GET",
      route: "/items/:id",
      status: 404,
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
    const { handler, log } = createTestApp();
    const response = await request(handler).get("/live").set(headers).expect(200);
    expect(response.headers["x-request-id"]).toMatch(expected);
    expect(log[0]?.requestId).toBe(response.headers["x-request-id"]);
  });

  test("says of a request whose client has gone that it was aborted", async () => {
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
    const { handler, log } = createTestApp(brokenRepository);
    const response = await request(handler).get("/items").expect(500);
    expect(response.text).not.toContain("table on fire");
    expect(response.type).toBe("application/problem+json");
    expect(log).toHaveLength(1);
    expect(log[0]).toMatchObject({ level: 50, status: 500, err: { message: "table on fire" } });
  });
});

function onFire(): Promise<never> {
  return Promise.reject(new Error("table on fire"));
}

const brokenRepository: ItemRepository = { list: onFire, get: onFire, put: onFire };
