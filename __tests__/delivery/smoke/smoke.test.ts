import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { createMemoryItemRepository } from "../../../api/items/store/memory-item-repository";
import { InvalidTokenError, type VerifyToken } from "../../../api/auth/token-verifier";
import { runSmokeTest } from "../../../delivery/smoke/run-smoke-test";
import { smokeTest } from "../../../platforms/inventory/smoke-test";
import { freePort } from "../../api/support/free-port";
import { createTestApp } from "../../api/support/test-app";
import { waitFor } from "../../api/support/wait-for";
import { TestProcess } from "../../e2e/support/processes";

jest.setTimeout(60_000);

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(handler: Handler) {
  const server = createServer(handler).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/**
 * Starts the API on a port. For requests that `breakIt` returns true for, `breakIt` gives the
 * answer.
 */
async function startApi(
  breakIt: (call: string, ...args: Parameters<Handler>) => boolean,
  verifyToken?: VerifyToken,
) {
  const repository = createMemoryItemRepository();
  const { handler } = createTestApp(repository, verifyToken);
  const calls: string[] = [];
  const url = await listen((request, response) => {
    const call = `${request.method ?? ""} ${(request.url ?? "").replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, "{}")}`;
    calls.push(call);
    if (!breakIt(call, request, response)) handler(request, response);
  });
  const items = async () => (await repository.list({ limit: 10 })).items;
  return { url, calls, items };
}

async function failure(url: string, limits = { timeoutMs: 500, requestTimeoutMs: 10_000 }) {
  const said: string[] = [];
  const options = { url, ...limits, say: (line: string) => said.push(line) };
  const { message } = await runSmokeTest(smokeTest, options).then(
    () => new Error("it passed"),
    (error: unknown) => error as Error,
  );
  return { message, said };
}

const answer = (response: ServerResponse, status: number, body: unknown) => {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
  return true;
};

const smoke = (...args: readonly string[]) => smokeWith(process.env, ...args);

const smokeWith = (env: NodeJS.ProcessEnv, ...args: readonly string[]) =>
  promisify(execFile)("node_modules/.bin/tsx", ["scripts/smoke.ts", ...args], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  );

test("a healthy API passes, is left as it was, and each step is shown with its time", async () => {
  const { url, calls, items } = await startApi(() => false);
  const { code, stdout } = await smoke(`${url}/`);
  expect(stdout.replace(/\d+\.\d s/g, "0 s")).toBe(
    [
      "ok      wait for /health (0 s)",
      "ok      check /openapi.json (0 s)",
      "ok      create an item (0 s)",
      "ok      read it (0 s)",
      "ok      adjust it, twice with one key (0 s)",
      "ok      find it by its sku (0 s)",
      "ok      delete it (0 s)",
      `${url} serves.`,
      "",
    ].join("\n"),
  );
  expect(code).toBe(0);
  expect(calls).toEqual([
    "GET /health",
    "GET /openapi.json",
    "POST /items",
    "GET /items/{}?consistent=true",
    "POST /items/{}/adjustments",
    "POST /items/{}/adjustments",
    "GET /items?sku=smoke-{}",
    "DELETE /items/{}",
  ]);
  expect(await items()).toEqual([]);
});

describe("an API that asks for access tokens", () => {
  const verifyToken: VerifyToken = (token) =>
    token === "good"
      ? Promise.resolve({ subject: "smoke", scopes: new Set(["items:read", "items:write"]) })
      : Promise.reject(new InvalidTokenError("is not good"));

  test("passes without one, and names the steps that were not tried", async () => {
    const { url, calls } = await startApi(() => false, verifyToken);
    const { code, stdout } = await smoke(url);
    expect(stdout).toMatch(/ok {6}check that an access token is required/);
    expect(stdout).toMatch(/set SMOKE_TOKEN to an access token/);
    expect(code).toBe(0);
    expect(calls).toEqual(["GET /health", "GET /openapi.json", "GET /items"]);
  });

  test("is tried with one, and left as it was", async () => {
    const { url, items, calls } = await startApi(() => false, verifyToken);
    const { code, stdout } = await smokeWith({ ...process.env, SMOKE_TOKEN: "good" }, url);
    expect(stdout).toMatch(/ok {6}delete it/);
    expect(code).toBe(0);
    expect(calls).toContain("POST /items");
    expect(await items()).toEqual([]);
  });

  test("fails when it lets everybody in", async () => {
    const { url } = await startApi(
      (call, _, response) =>
        call === "GET /items" && answer(response, 200, { items: [], next: null }),
      verifyToken,
    );
    const { message } = await failure(url);
    expect(message).toMatch(/^FAILED {2}check that an access token is required/);
    expect(message).toContain("expected 401");
  });
});

test("a failure says the step, the request, the answer and what to do next, and exits with 1", async () => {
  const { url } = await startApi((call, _, response) =>
    call.startsWith("POST /items/") ? answer(response, 500, { title: "broken" }) : false,
  );
  const { code, stdout, stderr } = await smoke(url);
  expect(code).toBe(1);
  expect(stdout).toContain("ok      read it");
  expect(stderr).toMatch(/^FAILED {2}adjust it, twice with one key \(\d+\.\d s\)\nPOST http/);
  expect(stderr).toContain('/adjustments {"delta":3}\nexpected 200\n500 application/json');
  expect(stderr).toContain('{"title":"broken"}');
  expect(stderr).toMatch(/Next: .*aws logs tail .*docs\/runbook\.md/);
});

test.each([
  ["a wrong status", 500, { title: "broken" }, "expected 200\n500"],
  ["a body of another shape", 200, { quantity: "2" }, "not as documented: body must have"],
])("%s fails, and what was made is removed", async (_what, status, body, message) => {
  const { url, items } = await startApi((call, _, response) =>
    call.endsWith("?consistent=true") ? answer(response, status, body) : false,
  );
  const failed = await failure(url);
  expect(failed.message).toContain("FAILED  read it");
  expect(failed.message).toContain(message);
  expect(await items()).toEqual([]);
});

test("an item whose making was answered wrong is found and removed", async () => {
  const { url, items, calls } = await startApi((call, _, response) => {
    if (call === "POST /items") response.setHeader = () => response; // removes Content-Type and ETag
    return false;
  });
  const failed = await failure(url);
  expect(failed.message).toContain("FAILED  create an item");
  expect(failed.message).toContain('the Content-Type is ""');
  expect(calls.at(-1)).toBe("DELETE /items/{}");
  expect(await items()).toEqual([]);
});

test("an item that cannot be removed is named", async () => {
  const { url } = await startApi((call, _, response) =>
    call.startsWith("DELETE") ? answer(response, 503, {}) : false,
  );
  const { message, said } = await failure(url);
  expect(message).toContain("FAILED  delete it");
  expect(said.at(-1)).toMatch(
    /^An item with the sku smoke-\S+ may be left\. Delete it by hand: DELETE/,
  );
});

test("an adjustment that is done again is noticed", async () => {
  const repository = createMemoryItemRepository();
  const { handler } = createTestApp({
    ...repository,
    adjust: (id, adjustment) => repository.adjust(id, adjustment, undefined),
  });
  const { message } = await failure(await listen(handler));
  expect(message).toContain("again: quantity is 8, expected 5");
});

test("an interrupt ends it, and what was made is removed first", async () => {
  const { url, calls, items } = await startApi((call) => call.endsWith("?consistent=true"));
  const smoking = new TestProcess(process.execPath, ["--import", "tsx", "scripts/smoke.ts", url]);
  await waitFor("a read", () => calls.at(-1)?.endsWith("?consistent=true") || undefined, 30_000);
  expect(await items()).toHaveLength(1);
  await smoking.signal("SIGINT");
  expect(await smoking.ended()).toBe(1);
  expect(smoking.output).toContain("FAILED  read it");
  expect(smoking.output).toContain("interrupted");
  expect(await items()).toEqual([]);
});

test("an API that hangs is given up", async () => {
  const { url } = await startApi((call) => call === "POST /items");
  const { message } = await failure(url, { timeoutMs: 5_000, requestTimeoutMs: 300 });
  expect(message).toMatch(/FAILED {2}create an item[^]*no answer within 0\.3 s/);
});

test("an API that is not ready is waited for", async () => {
  let asked = 0;
  const { url } = await startApi((call, _, response) =>
    call === "GET /health" && ++asked < 3 ? answer(response, 503, { status: "stopping" }) : false,
  );
  expect(await failure(url, { timeoutMs: 30_000, requestTimeoutMs: 10_000 })).toMatchObject({
    message: "it passed",
  });
  expect(asked).toBe(3);
});

test.each([
  ["nobody listens", undefined, "ECONNREFUSED"],
  ["it answers 503", 503, "expected 200\n503"],
  ["it redirects", 301, "expected 200\n301"],
])("when %s, it is not ready in time", async (_what, status, reason) => {
  const url =
    status === undefined
      ? `http://127.0.0.1:${await freePort()}`
      : await listen((_, response) => answer(response, status, {}));
  const { message } = await failure(url);
  expect(message).toContain("FAILED  wait for /health");
  expect(message).toContain("not ready within 0.5 s");
  expect(message).toContain(reason);
});

test("a server that is not the API is detected", async () => {
  const { message } = await failure(await listen((_, response) => answer(response, 200, {})));
  expect(message).toContain("GET /openapi.json returned no OpenAPI 3.1 document");
});

test.each([
  [["inventory.example"], 'url is "inventory.example", expected the URL of the load balancer'],
  [[], "expected 1\nUsage: npm run smoke -- <url>"],
  [["http://x", "--timeout", "soon"], '--timeout is "soon", expected a number of seconds above 0'],
  [["http://x", "--retries", "3"], "Unknown option '--retries'"],
])("%j is refused", async (args, message) => {
  const { code, stderr } = await smoke(...args);
  expect(code).toBe(1);
  expect(stderr).toContain(message);
});
