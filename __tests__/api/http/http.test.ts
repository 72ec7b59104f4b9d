import { gzipSync } from "node:zlib";
import { bolt } from "../behaviours/store";
import { brokenRepository } from "../support/broken-repository";
import { createTestApp } from "../support/test-app";

describe("HTTP", () => {
  const { api } = createTestApp();

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
    ["post", "/items/1", "HEAD, GET, PATCH, DELETE"],
    ["put", "/items/1", "HEAD, GET, PATCH, DELETE"],
    ["get", "/items/1/adjustments", "POST"],
    ["put", "/health", "HEAD, GET"],
  ] as const)("answers 405 with Allow to %s %s", async (method, path, allow) => {
    const response = await api[method](path)
      .expect(405)
      .expect("Content-Type", "application/problem+json")
      .expect("Allow", allow);
    expect(response.body).toMatchObject({ status: 405, title: "Method Not Allowed" });
  });

  test("says which methods a path takes, for requests that the server itself refuses", () => {
    const { methodsAt } = createTestApp();
    expect(methodsAt("/items")).toEqual(["HEAD", "GET", "POST"]);
    expect(methodsAt("/items/1")).toEqual(["HEAD", "GET", "PATCH", "DELETE"]);
    expect(methodsAt("/health")).toEqual(["HEAD", "GET"]);
    expect(methodsAt("/nothing")).toEqual([]);
    expect(methodsAt("/items/1/nothing")).toEqual([]);
  });

  test("answers HEAD as GET without a body, and OPTIONS with Allow", async () => {
    const head = await api.head("/items").expect(200);
    expect(head.text).toBeUndefined();
    await api.options("/items").expect(200).expect("Allow", "HEAD, GET, POST");
    await api.options("/items/1").expect(200).expect("Allow", "HEAD, GET, PATCH, DELETE");
  });

  test.each(["trace", "propfind", "purge", "lock", "copy"] as const)(
    "answers 405 with Allow to %s, which nothing here takes",
    async (method) => {
      for (const [path, allow] of [
        ["/items", "HEAD, GET, POST"],
        ["/items/1/adjustments", "POST"],
        ["/health", "HEAD, GET"],
        ["/openapi.json", "HEAD, GET"],
      ] as const) {
        const response = await api[method](path).expect(405).expect("Allow", allow);
        expect(response.body).toMatchObject({ status: 405 });
      }
      const nowhere = await api[method]("/nowhere").expect(404);
      expect(nowhere.headers.allow).toBeUndefined();
    },
  );

  test.each(["text/html", "application/xml, text/plain;q=0.5", "application/json;q=0"])(
    "answers 406 to a client that accepts only %s",
    async (accept) => {
      await api.get("/items").set("Accept", accept).expect(406);
      await api.post("/items").set("Accept", accept).send(bolt).expect(406);
    },
  );

  test.each(["application/json", "application/*", "*/*", "text/html, */*;q=0.1"])(
    "answers JSON to a client that accepts %s",
    async (accept) => {
      await api
        .get("/items")
        .set("Accept", accept)
        .expect(200)
        .expect("Content-Type", /^application\/json/);
    },
  );

  test.each([["text/plain"], ["application/x-www-form-urlencoded"], ["application/jsonp"]])(
    "answers 415 to a body of type %s",
    async (type) => {
      const response = await api
        .post("/items")
        .set("Content-Type", type)
        .send("{}")
        .expect(415)
        .expect("Accept-Post", "application/json");
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
      .send(JSON.stringify({ ...bolt, sku: "CHARSET" }))
      .expect(201);
    const compressed = api
      .post("/items")
      .set({ "Content-Type": "application/json", "Content-Encoding": "gzip" });
    compressed.write(gzipSync(JSON.stringify(bolt)));
    await compressed.expect(201);
  });

  test.each(["", "{", "{'sku':1}", "{}}"])("answers 400 to %j, which is not JSON", async (body) => {
    const response = await api
      .post("/items")
      .set("Content-Type", "application/json")
      .send(body)
      .expect(400)
      .expect("Content-Type", "application/problem+json");
    expect((response.body as { detail: string }).detail).toContain("cannot be read as JSON");
  });

  test.each(['"text"', "1", "null", "[]"])(
    "answers 400 to %s, which is no object",
    async (body) => {
      const response = await api
        .post("/items")
        .set("Content-Type", "application/json")
        .send(body)
        .expect(400);
      expect(response.body).toMatchObject({ errors: [{ pointer: "" }] });
    },
  );

  test("answers 400 to text that is not UTF-8, instead of storing another text", async () => {
    const body = Buffer.from(JSON.stringify({ ...bolt, name: "Caf\u00e9" }), "latin1");
    const sent = api.post("/items").set("Content-Type", "application/json");
    sent.write(body);
    const response = await sent.expect(400);
    expect((response.body as { detail: string }).detail).toContain("not UTF-8");
  });

  test("answers 400 to a body that is not compressed as it says", async () => {
    const sent = api
      .post("/items")
      .set({ "Content-Type": "application/json", "Content-Encoding": "gzip" });
    sent.write(JSON.stringify(bolt));
    await sent.expect(400);
  });

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
    const { api, stopping } = createTestApp();
    const ready = await api.get("/health").set("Connection", "keep-alive").expect(200);
    expect(ready.body).toEqual({ status: "ok" });
    expect(ready.headers.connection).toBe("keep-alive");

    stopping.abort();
    const draining = await api.get("/health").set("Connection", "keep-alive").expect(503);
    expect(draining.headers.connection).toBe("close");
    await api.get("/live").expect(200);
    const failed = await api.get("/nothing").set("Connection", "keep-alive");
    expect(failed.headers.connection).toBe("close");
  });

  test("does not call the store", async () => {
    const { api } = createTestApp(brokenRepository);
    await api.get("/health").expect(200);
    await api.get("/live").expect(200);
    await api.get("/items").expect(500);
  });
});
