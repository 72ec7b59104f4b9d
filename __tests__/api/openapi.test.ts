import { compileErrors, validate } from "@readme/openapi-parser";
import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";
import * as fc from "fast-check";
import type { ServerResponse } from "node:http";
import type Koa from "koa";
import { adjustmentSchema, itemPatchSchema, newItemSchema } from "../../api/items/item";
import { openApiDocument } from "../../api/openapi/document";
import { pino } from "pino";
import { createApp } from "../../api/app";
import { createMemoryItemRepository } from "../../api/items/store/memory-item-repository";
import { checked, documents, expectDocumented, type Answer } from "./support/conformance";

type Json = Record<string, unknown>;

// Converting to JSON removes undefined members.
const text = JSON.stringify(openApiDocument({ auth: "none" }));
const document = JSON.parse(text) as {
  paths: Record<string, Record<string, { operationId: string }>>;
  components: { schemas: Record<string, Json> };
};

const app = createApp({
  repository: createMemoryItemRepository(),
  logger: pino({ level: "silent" }),
  stopping: new AbortController().signal,
});

const ajv = addFormats(new Ajv2020({ strict: true, allowUnionTypes: true }));
ajv.addKeyword("components");
const validator = (schema: object) => ajv.compile({ ...schema, components: document.components });

describe("the OpenAPI document", () => {
  test.each(["none", "bearer"] as const)("is valid OpenAPI 3.1: %s", async (auth) => {
    const document = structuredClone(documents[auth]) as unknown;
    const result = await validate(document as Parameters<typeof validate>[0]);
    expect(result.valid ? "" : compileErrors(result)).toBe("");
  });

  test("describes each route of the app, and no other", () => {
    const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.sort()).toEqual(routesOf(app).sort());
  });

  test("has the schemas that validate as its components", () => {
    expect(Object.keys(document.components.schemas).sort()).toEqual(
      ["Adjustment", "Item", "ItemPage", "ItemPatch", "NewItem", "Problem"].sort(),
    );
    expect(text).not.toContain("$id");
  });

  test("describes query parameters as what is read from their text", () => {
    expect(document.paths["/items"]?.get).toMatchObject({
      parameters: [
        { name: "limit", schema: { type: "integer", minimum: 1, maximum: 100, default: 50 } },
        { name: "cursor", schema: { type: "string", minLength: 1 } },
        { name: "sku", schema: { type: "string" } },
        { name: "maxQuantity", schema: { type: "integer", minimum: 0, maximum: 1e9 } },
      ],
    });
  });

  test("has patterns that the generators of other languages read", () => {
    const patterns = [...text.matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(
      ([, literal = ""]) => JSON.parse(literal) as string,
    );
    expect(patterns.length).toBeGreaterThan(3);
    for (const pattern of patterns) {
      // Unicode properties, lookbehind and named groups differ between languages, or do not exist
      // in all of them.
      expect(pattern).not.toMatch(/\\[pP]\{|\(\?</);
      expect(() => new RegExp(pattern)).not.toThrow();
    }
  });

  test("has no example that its schema refuses", () => {
    const wrong = examplesIn(document)
      .filter(({ schema, example }) => !validator(schema)(example))
      .map(({ example }) => example);
    expect(wrong).toEqual([]);
  });

  test("has an example of every member of an item", () => {
    const { properties } = document.components.schemas.Item as { properties: Record<string, Json> };
    const lacking = Object.entries(properties).filter(([, schema]) => !("examples" in schema));
    expect(lacking).toEqual([]);
  });

  test.each([
    ["NewItem", newItemSchema],
    ["ItemPatch", itemPatchSchema],
    ["Adjustment", adjustmentSchema],
  ] as const)("takes and refuses as %s what the API takes and refuses", (id, schema) => {
    const isDocumented = validator(document.components.schemas[id] as object);
    fc.assert(
      fc.property(bodies, (body) => {
        const read = JSON.parse(JSON.stringify(body)) as unknown;
        expect([body, isDocumented(read)]).toEqual([body, schema.safeParse(read).success]);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("GET /openapi.json", () => {
  const api = checked(app.callback());

  test("serves the document, which may be kept but is asked for each time", async () => {
    const response = await api
      .get("/openapi.json")
      .expect(200)
      .expect("Content-Type", "application/json; charset=utf-8")
      .expect("Cache-Control", "no-cache");
    expect(response.body).toEqual(document);
  });

  test("answers 304 when the client has it, compressed or not", async () => {
    const { headers } = await api.get("/openapi.json").set("Accept-Encoding", "identity");
    const again = await api
      .get("/openapi.json")
      .set({ "If-None-Match": String(headers.etag), "Accept-Encoding": "gzip" })
      .expect(304);
    expect(again.headers).not.toHaveProperty("content-type");
    await api.get("/openapi.json").set("If-None-Match", 'W/"another"').expect(200);
  });

  test.each([
    ["gzip, br", "gzip"],
    ["br", undefined],
    ["gzip;q=0", undefined],
    ["", undefined],
  ])("to Accept-Encoding %j is compressed as %s", async (accepted, encoding) => {
    const response = await api.get("/openapi.json").set("Accept-Encoding", accepted).expect(200);
    expect(response.headers["content-encoding"]).toBe(encoding);
    expect(response.headers.vary).toBe("Accept-Encoding");
    expect(response.body).toEqual(document);
  });

  test("answers HEAD with the same headers", async () => {
    const got = await api.get("/openapi.json").set("Accept-Encoding", "identity");
    const head = await api.head("/openapi.json").set("Accept-Encoding", "identity").expect(200);
    for (const name of ["etag", "content-type", "content-length"]) {
      expect(head.headers[name]).toBe(got.headers[name]);
    }
  });
});

describe("the check of answers against the document", () => {
  const id = "3f2b8c1e-9d47-4a6b-8e05-7c1d2f9ab364";
  const item = {
    id,
    sku: "A",
    name: "B",
    quantity: 1,
    unitPrice: "1",
    createdAt: "2026-05-04T09:30:00.000Z",
    updatedAt: "2026-05-04T09:30:00.000Z",
    version: 1,
  };
  const read: Answer = {
    method: "GET",
    path: `/items/${id}?consistent=true`,
    status: 200,
    headers: {
      "content-type": "application/json; charset=utf-8",
      "x-request-id": "1",
      etag: '"1"',
    },
    text: JSON.stringify(item),
  };
  const problem = (status: number, type = "about:blank") => ({
    headers: { "content-type": "application/problem+json", "x-request-id": "1" },
    status,
    text: JSON.stringify({ type, title: "T", status, detail: "D" }),
  });
  const without = (name: string) =>
    Object.fromEntries(Object.entries(read.headers).filter(([key]) => key !== name));

  test.each<[string, Answer]>([
    ["an item", read],
    [
      "a page of them",
      {
        ...read,
        path: "/items",
        headers: without("etag"),
        text: JSON.stringify({ items: [item], next: null }),
      },
    ],
    ["a problem", { ...read, ...problem(404) }],
    ["HEAD as GET without a body", { ...read, method: "HEAD", text: "" }],
    ["304 without a body", { ...read, status: 304, text: "", headers: without("content-type") }],
    [
      "OPTIONS with Allow",
      { ...read, method: "OPTIONS", text: "", headers: { "x-request-id": "1", allow: "GET" } },
    ],
    ["404 where the document has nothing", { ...read, ...problem(404), path: "/nothing" }],
    [
      "the server's own refusal, without id",
      { ...read, ...problem(431), headers: { "content-type": "application/problem+json" } },
    ],
  ])("passes %s", (_what, answer) => {
    expect(() => {
      expectDocumented(answer);
    }).not.toThrow();
  });

  test.each<[string, Answer, string]>([
    ["a status", { ...read, ...problem(418) }, "no such answer"],
    ["a path", { ...read, path: "/nothing" }, "no such answer"],
    ["a method", { ...read, method: "PUT" }, "no such answer"],
    ["a method, refused without Allow", { ...read, ...problem(405), method: "PUT" }, "no Allow"],
    [
      "a media type",
      { ...read, headers: { ...read.headers, "content-type": "text/html" } },
      "Content-Type text/html",
    ],
    [
      "a charset",
      { ...read, headers: { ...read.headers, "content-type": "application/json; charset=latin1" } },
      "latin1",
    ],
    ["no media type", { ...read, headers: without("content-type") }, "Content-Type undefined"],
    ["no request id", { ...read, headers: without("x-request-id") }, "no X-Request-Id"],
    ["no ETag", { ...read, headers: without("etag") }, "no ETag"],
    [
      "an ETag that is none",
      { ...read, headers: { ...read.headers, etag: "1" } },
      "ETag must match pattern",
    ],
    ["a header", { ...read, headers: { ...read.headers, location: "/" } }, "unexpected Location"],
    [
      "a member of the body",
      { ...read, text: JSON.stringify({ ...item, shard: 1 }) },
      "body must NOT have additional properties",
    ],
    [
      "a date",
      { ...read, text: JSON.stringify({ ...item, createdAt: "today" }) },
      'body/createdAt must match format "date-time"',
    ],
    [
      "a type of problem",
      { ...read, ...problem(404, "urn:inventory:sku-taken") },
      "body/type must be equal to one of",
    ],
    [
      "a problem of another status",
      { ...read, ...problem(404), status: 400 },
      "body/status must be equal to one of the allowed values",
    ],
    ["a body with 304", { ...read, status: 304 }, "a body where there is none"],
    ["a body with HEAD", { ...read, method: "HEAD" }, "a body in the answer to HEAD"],
  ])("fails for %s that is not documented", (_what, answer, message) => {
    expect(() => {
      expectDocumented(answer);
    }).toThrow(message);
  });

  test("fails the request of an agent that does nothing else", async () => {
    const lies = checked((_request: unknown, response: ServerResponse) => response.end("lies"));
    await expect(lies.get("/items")).rejects.toThrow("GET /items is not answered as documented");
  });
});

/** The routes in the notation of an OpenAPI document. Each GET includes HEAD. */
function routesOf(app: Koa): string[] {
  const { router } = app.middleware.find((layer) => "router" in layer) as unknown as {
    router: { stack: { methods: string[]; path: string }[] };
  };
  return router.stack.flatMap(({ methods, path }) =>
    methods
      .filter((method) => method !== "HEAD")
      .map((method) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`),
  );
}

/**
 * All examples below `node`, each with its schema: the one beside it, or the one that contains it.
 */
function examplesIn(node: unknown): { schema: object; example: unknown }[] {
  if (typeof node !== "object" || node === null) return [];
  const { examples, schema } = node as { examples?: unknown; schema?: object };
  const here = Array.isArray(examples)
    ? examples.map((example: unknown) => ({ schema: node, example }))
    : Object.values((examples ?? {}) as Record<string, { value: unknown }>).map(({ value }) => ({
        schema: schema ?? {},
        example: value,
      }));
  return [...here, ...Object.values(node).flatMap(examplesIn)];
}

const words = fc.oneof(
  fc.string({ unit: "binary", maxLength: 3 }),
  fc.integer({ min: 0, max: 2001 }).map((length) => "\u{1f529}".repeat(length)),
  // The text has no lone surrogates: the API rejects them, and JSON Schema has no portable way to
  // express that.
  fc.constantFrom("a".repeat(200), "a".repeat(201), null, 1),
);
const number = fc.oneof(
  fc.integer({ min: -2, max: 2 }),
  fc.constantFrom(1e9, 1e9 + 1, -1e9, -1e9 - 1, 0.5, 1e300, -0, "1", null),
);
const attributes = fc.oneof(
  fc.dictionary(fc.string({ unit: "binary", maxLength: 65 }), words, { maxKeys: 2 }),
  fc
    .integer({ min: 49, max: 51 })
    .map((count) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`a${n}`, ""]))),
  fc.constantFrom(null, [], "a"),
);

/** Valid and invalid values of each member. */
const members = {
  sku: fc.constantFrom("A", "A/b.c", "a".repeat(64), "a".repeat(65), "", "-a", "a b", "a\n", 1),
  name: words,
  quantity: number,
  unitPrice: fc.constantFrom("0", "0.35", "1.2345", "1.23456", "00", "1.", ".1", "1e3", "1\n", 1),
  description: words,
  attributes,
  unknown: fc.constant(1),
  delta: number,
};

const whole = { sku: "A", name: "B", quantity: 1, unitPrice: "1" };

const bodies = fc.oneof(
  ...Object.entries(members).flatMap(([name, values]) => [
    values.map((value) => ({ [name]: value })),
    values.map((value) => ({ ...whole, [name]: value })),
  ]),
  fc.subarray(Object.entries(whole)).map((some) => Object.fromEntries(some) as object),
  fc.jsonValue(),
);
