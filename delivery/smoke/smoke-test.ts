import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient } from "./api-client";
import type { OpenApiDocument } from "./openapi";

export interface SmokeTestOptions {
  /** Of the load balancer, without a path. */
  readonly url: string;
  /** How long to wait for it to be ready. */
  readonly timeoutMs: number;
  /** How long to wait for each answer. @default 10000 */
  readonly requestTimeoutMs?: number;
  /** Told each step that is done, with the time that it took. */
  readonly say: (line: string) => void;
  /** An access token with both scopes, for an API that asks for one. @default - none */
  readonly token?: string | undefined;
  /** Ends it early; what it made is removed all the same. */
  readonly signal?: AbortSignal;
}

const PAUSE_MS = 500;
const LIST_DEADLINE_MS = 15_000;

/** What is used of an item. */
interface Item {
  readonly id: string;
  readonly sku: string;
  readonly quantity: number;
}

/**
 * Uses the API as a client does, and leaves nothing behind: an item of its own is made, read,
 * changed, found and deleted. Of an API that asks for access tokens and without one, it tests that it
 * asks.
 *
 * @throws Error that names the step, the request, the answer and what was expected
 */
export async function smokeTest(options: SmokeTestOptions) {
  const { url, timeoutMs, requestTimeoutMs = 10_000, say, token, signal } = options;
  const client = new ApiClient(url, requestTimeoutMs, signal);
  const step = steps(say);
  await step(`wait for /health`, () => untilHealthy(client, timeoutMs, signal));
  const { securitySchemes } = await step("check /openapi.json", () => readDocument(client));
  if (securitySchemes !== undefined) {
    await step("check that an access token is asked for", () => refused(client));
    if (token === undefined) {
      say("The items are not tried: set SMOKE_TOKEN to an access token with both scopes for that.");
      return;
    }
    client.token = token;
  }

  const sku = `smoke-${randomUUID()}`;
  let created: Item | undefined;
  try {
    const item = await step("create an item", () => create(client, sku));
    created = item;
    await step("read it", () => read(client, item));
    const adjusted = await step("adjust it, twice with one key", () => adjust(client, item));
    await step("find it by its sku", () => find(client, sku));
    await step("delete it", () => remove(client, item.id, adjusted.etag));
  } catch (error) {
    // This call ignores the deadline and the API's document, so that the item is deleted after every failure.
    const cleaner = new ApiClient(url, requestTimeoutMs);
    cleaner.token = client.token;
    await clear(cleaner, sku, created).catch((reason: unknown) => {
      say(`An item of sku ${sku} may be left, delete it by hand: ${(reason as Error).message}`);
    });
    throw error;
  }
}

const steps =
  (say: SmokeTestOptions["say"]) =>
  async <T>(title: string, run: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const time = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
    try {
      const result = await run();
      say(`ok      ${title} (${time()})`);
      return result;
    } catch (error) {
      throw new Error(`FAILED  ${title} (${time()})\n${(error as Error).message}`, {
        cause: error,
      });
    }
  };

async function untilHealthy(client: ApiClient, timeoutMs: number, signal?: AbortSignal) {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const left = Math.max(1, Math.min(10_000, Math.round(deadline - performance.now())));
    const health = { method: "GET", template: "/health", status: 200, timeoutMs: left } as const;
    try {
      await client.send(health);
      return;
    } catch (error) {
      if (signal?.aborted || performance.now() + PAUSE_MS >= deadline) {
        throw new Error(`not ready within ${timeoutMs / 1000} s\n${(error as Error).message}`, {
          cause: error,
        });
      }
      await sleep(PAUSE_MS);
    }
  }
}

/** From here on every answer is held against what the API itself says of it. */
async function readDocument(client: ApiClient) {
  const { body } = await client.send({ method: "GET", template: "/openapi.json", status: 200 });
  const { openapi, paths, components } = (body ?? {}) as Partial<OpenApiDocument> & {
    openapi?: unknown;
  };
  if (typeof openapi !== "string" || !openapi.startsWith("3.1.") || !paths || !components) {
    throw new Error(
      "GET /openapi.json is no OpenAPI 3.1 document: expected openapi, paths, components",
    );
  }
  client.document = { paths, components };
  return components;
}

async function refused(client: ApiClient) {
  await client.send({ method: "GET", template: "/items", status: 401 });
}

async function create(client: ApiClient, sku: string) {
  const item = { sku, name: "Smoke test", quantity: 2, unitPrice: "0.01" };
  const { body } = await client.send({
    method: "POST",
    template: "/items",
    status: 201,
    body: item,
  });
  expectFields("POST /items", body, item);
  return body as Item;
}

async function read(client: ApiClient, item: Item) {
  const path = `/items/${item.id}?consistent=true`;
  const { body } = await client.send({
    method: "GET",
    template: "/items/{id}",
    path,
    status: 200,
  });
  expectFields(`GET ${path}`, body, item);
}

/** The second one is an answer from memory: what was asked for has been done. */
async function adjust(client: ApiClient, { id, quantity }: Item) {
  const request = {
    method: "POST",
    template: "/items/{id}/adjustments",
    path: `/items/${id}/adjustments`,
    status: 200,
    headers: { "idempotency-key": randomUUID() },
    body: { delta: 3 },
  } as const;
  const first = await client.send(request);
  expectFields(`POST ${request.path}`, first.body, { id, quantity: quantity + 3 });
  const second = await client.send(request);
  expectFields(`POST ${request.path}, again`, second.body, first.body as object);
  return first;
}

/** A list may lag behind what was written. */
async function find(client: ApiClient, sku: string) {
  const deadline = performance.now() + LIST_DEADLINE_MS;
  for (;;) {
    const items = await list(client, sku);
    if (items.length === 1 && items[0]?.sku === sku) return;
    if (performance.now() >= deadline) {
      throw new Error(
        `GET /items?sku=${sku} listed ${JSON.stringify(items)}, expected the one item of this sku`,
      );
    }
    await sleep(PAUSE_MS);
  }
}

async function list(client: ApiClient, sku: string) {
  const path = `/items?sku=${sku}`;
  const { body } = await client.send({ method: "GET", template: "/items", path, status: 200 });
  return (body as { items: readonly Item[] }).items;
}

async function remove(
  client: ApiClient,
  id: string,
  etag: string,
  status: number | readonly number[] = 204,
) {
  await client.send({
    method: "DELETE",
    template: "/items/{id}",
    path: `/items/${id}`,
    status,
    headers: { "if-match": etag },
  });
}

/** By its id when it is known, as the list may lag behind. */
async function clear(client: ApiClient, sku: string, created: Item | undefined) {
  for (const { id } of created ? [created] : await list(client, sku)) {
    await remove(client, id, "*", [204, 404]);
  }
}

function expectFields(request: string, body: unknown, fields: object) {
  const actual = body as Readonly<Record<string, unknown>>;
  for (const [name, expected] of Object.entries(fields)) {
    if (isDeepStrictEqual(actual[name], expected)) continue;
    throw new Error(
      `${request}: ${name} is ${JSON.stringify(actual[name])}, expected ${JSON.stringify(expected)}\n${JSON.stringify(body)}`,
    );
  }
}
