import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import type { SmokeClient, SmokeTest } from "../../model/smoke-test";

const PAUSE_MS = 500;
const LIST_DEADLINE_MS = 15_000;

/** The fields of an item that this test uses. */
interface Item {
  readonly id: string;
  readonly sku: string;
  readonly quantity: number;
}

/**
 * Creates, reads, changes, finds and deletes an item. If the API requires access tokens, the test also checks
 * that it refuses a request without one. If no token is given, the test ends there.
 */
export const smokeTest: SmokeTest = async (tools) => {
  const { client, cleaner, token, step, say, untilReady } = tools;
  await step("wait for /health", () => untilReady("/health"));
  const { securitySchemes } = await step("check /openapi.json", () =>
    client.readDocument("/openapi.json"),
  );
  if (securitySchemes !== undefined) {
    await step("check that an access token is required", () => refused(client));
    if (token === undefined) {
      say(
        "The items are not tested. To test them, set SMOKE_TOKEN to an access token with both scopes.",
      );
      return;
    }
    client.token = token;
    cleaner.token = token;
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
    await clear(cleaner, sku, created).catch((reason: unknown) => {
      say(
        `An item with the sku ${sku} may be left. Delete it by hand: ${(reason as Error).message}`,
      );
    });
    throw error;
  }
};

async function refused(client: SmokeClient) {
  await client.send({ method: "GET", template: "/items", status: 401 });
}

async function create(client: SmokeClient, sku: string) {
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

async function read(client: SmokeClient, item: Item) {
  const path = `/items/${item.id}?consistent=true`;
  const { body } = await client.send({
    method: "GET",
    template: "/items/{id}",
    path,
    status: 200,
  });
  expectFields(`GET ${path}`, body, item);
}

/** Sends the same adjustment twice. The second response repeats the first, and the quantity changes once. */
async function adjust(client: SmokeClient, { id, quantity }: Item) {
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

/** Repeats the search until it finds the item, because a list may not yet contain the latest writes. */
async function find(client: SmokeClient, sku: string) {
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

async function list(client: SmokeClient, sku: string) {
  const path = `/items?sku=${sku}`;
  const { body } = await client.send({ method: "GET", template: "/items", path, status: 200 });
  return (body as { items: readonly Item[] }).items;
}

async function remove(
  client: SmokeClient,
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

/** Deletes the item by its id if that is known, because a list may not yet contain the item. */
async function clear(client: SmokeClient, sku: string, created: Item | undefined) {
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
