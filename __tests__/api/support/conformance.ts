/**
 * Checks answers of the API against its own OpenAPI document:
 *
 *     const api = checked(handler); // use it like `request(handler)`; each call is checked
 *     await api.get("/items").expect(200);
 *     expectDocumented({ method: "GET", path: "/items?limit=1", status, headers, text });
 *
 * `handler` is any argument of supertest's `request()`, including a URL such as
 * `http://127.0.0.1:8080`.
 */
import Ajv2020, { type ValidateFunction } from "ajv/dist/2020";
import addFormats from "ajv-formats";
import request, { type Test } from "supertest";
import { openApiDocument } from "../../../api/openapi/document";

/** An answer from any client. */
export interface Answer {
  readonly method: string;
  /** The path of the request, with or without its query. */
  readonly path: string;
  readonly status: number;
  /** The headers by lower-case name. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** The body as text. It is empty when there is none. */
  readonly text: string;
}

/**
 * An agent of supertest that fails a request when its answer does not match the document.
 *
 * @param document one of `documents`. @default - the document of an API that requires no access
 * tokens
 */
export function checked(api: Parameters<typeof request>[0], document = documents.none) {
  return request.agent(api).use((test: Test) => {
    test.expect((response) => {
      const { status, headers } = response;
      // supertest leaves the text undefined when there is no body.
      const text = (response.text as string | undefined) ?? "";
      const { pathname } = new URL(test.url);
      expectDocumented({ method: test.method, path: pathname, status, headers, text }, document);
    });
  });
}

/**
 * @throws Error naming the part of the answer that is missing in the document or differs from it
 */
export function expectDocumented(answer: Answer, document = documents.none): void {
  const { method, path, status, headers, text } = answer;
  const response = documentedResponse(answer, document);
  const wrong = response
    ? [...wrongHeaders(answer, response), ...wrongBody(answer, response)]
    : ["the document has no such answer"];
  if (wrong.length === 0) return;
  throw new Error(
    `${method} ${path} is not answered as documented: ${wrong.join("; ")}\n` +
      `${status} ${JSON.stringify(headers, undefined, 2)}\n${text}`,
  );
}

interface Header {
  readonly required?: boolean;
  readonly schema: { readonly type: string };
}

interface Response {
  /** The headers by name. A component has the same name. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** The body's schema by media type. @default - the answer has no body */
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

type Operations = Readonly<
  Record<string, { readonly responses: Readonly<Record<string, Response>> }>
>;

interface Document {
  readonly paths: Readonly<Record<string, Operations>>;
  readonly components: { readonly headers: Readonly<Record<string, Header>> };
}

// Converting to JSON removes undefined members.
const documentOf = (auth: "none" | "bearer") =>
  JSON.parse(JSON.stringify(openApiDocument({ auth }))) as Document;

/** The API's documents, by whether it requires access tokens. */
export const documents = { none: documentOf("none"), bearer: documentOf("bearer") };

const { components } = documents.none;

// The document's description says: "Every path with GET also accepts HEAD. OPTIONS names the
// methods of a path, and any other method gets 405 with the same `Allow` header".
const headersByName: Record<string, Header> = {
  ...components.headers,
  Allow: { required: true, schema: { type: "string" } },
};
const options: Response = { headers: { "X-Request-Id": {}, Allow: {} } };
const unknownPath: Response = {
  headers: { "X-Request-Id": {} },
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};
const unknownMethod: Response = { ...unknownPath, headers: options.headers };

function documentedResponse(
  { method, path, status }: Answer,
  document: Document,
): Response | undefined {
  const operations = operationsAt(path.replace(/\?.*$/s, ""), document);
  if (!operations) return status === 404 ? unknownPath : undefined;
  const operation = operations[method === "HEAD" ? "get" : method.toLowerCase()];
  if (operation) return operation.responses[status];
  if (method === "OPTIONS") return status === 200 ? options : undefined;
  return status === 405 ? unknownMethod : undefined;
}

/** A literal path takes precedence over a template that matches it. */
function operationsAt(path: string, document: Document): Operations | undefined {
  const template = Object.keys(document.paths).find((key) =>
    new RegExp(`^${key.replace(/\{\w+\}/g, "[^/]+")}$`).test(path),
  );
  return document.paths[path] ?? document.paths[template ?? ""];
}

function wrongHeaders({ headers }: Answer, response: Response): string[] {
  return Object.entries(headersByName).flatMap(([name, { required, schema }]) => {
    const value = headers[name.toLowerCase()];
    if (!(name in response.headers)) return value === undefined ? [] : [`unexpected ${name}`];
    if (value === undefined) return required ? [`no ${name}`] : [];
    return invalid(name, schema, schema.type === "integer" ? Number(value) : value);
  });
}

function wrongBody({ method, headers, text }: Answer, { content }: Response): string[] {
  if (!content) return text === "" ? [] : ["a body where there is none"];
  const [, type = "none", charset = "utf-8"] =
    /^([^;]*)(?:; ?charset=(.*))?$/.exec(String(headers["content-type"])) ?? [];
  const media = content[type];
  if (!media || charset !== "utf-8") return [`Content-Type ${String(headers["content-type"])}`];
  if (method === "HEAD") return text === "" ? [] : ["a body in the answer to HEAD"];
  if (!/[/+]json$/.test(type)) return [];
  return invalid("body", media.schema, JSON.parse(text));
}

const ajv = addFormats(new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }));
ajv.addKeyword("components");

const validators = new Map<object, ValidateFunction>();

function invalid(what: string, schema: object, value: unknown): string[] {
  // The components are needed to resolve references into them.
  const validate = validators.get(schema) ?? ajv.compile({ ...schema, components });
  validators.set(schema, validate);
  return validate(value) ? [] : [ajv.errorsText(validate.errors, { dataVar: what })];
}
