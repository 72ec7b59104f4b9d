import { Problem, type FieldError } from "../http/problem";
import { schemaReference, type SchemaName } from "./schemas";

/** The response headers that are relevant to a client. */
export const headers = {
  "X-Request-Id": {
    description:
      "The id of the request in the API's log. It is taken from the request, or made by the API.",
    required: true,
    schema: { type: "string" },
  },
  ETag: {
    description: "Identifies the version of the content, for If-None-Match and If-Match.",
    required: true,
    schema: { type: "string", pattern: '^(W/)?"[!#-~]+"$' },
  },
  Location: {
    description: "The path of the new item.",
    required: true,
    schema: { type: "string", format: "uri-reference" },
  },
  Link: {
    description: 'The path of the next page, with `rel="next"`. The last page has no such header.',
    schema: { type: "string" },
  },
  "Retry-After": {
    description: "The seconds after which the same request may succeed.",
    schema: { type: "integer", minimum: 1 },
  },
  "WWW-Authenticate": {
    description:
      "The scope that the access token needs, and what is wrong with the token that was sent.",
    required: true,
    schema: { type: "string", pattern: "^Bearer " },
  },
  "Accept-Post": { description: "The accepted media types.", schema: { type: "string" } },
  "Accept-Patch": { description: "The accepted media types.", schema: { type: "string" } },
};

type HeaderName = keyof typeof headers;

/** A response without a body. */
export function empty(description: string, names: readonly HeaderName[] = []) {
  return { description, headers: references(["X-Request-Id", ...names]) };
}

/** A response whose body has one media type. */
export function content(
  description: string,
  mediaType: string,
  schema: object,
  names: readonly HeaderName[] = [],
) {
  return { ...empty(description, names), content: { [mediaType]: { schema } } };
}

/** A response whose body is JSON of a named schema. */
export function json(description: string, schema: SchemaName, names: readonly HeaderName[] = []) {
  return content(description, "application/json", schemaReference(schema), names);
}

interface ProblemOptions {
  /** @default - only `X-Request-Id` */
  readonly headers?: readonly HeaderName[];
  /** @default - no particular field is wrong */
  readonly errors?: readonly FieldError[];
}

/**
 * An error response that the status alone describes. `detail` is its description and appears in the
 * example.
 */
export function problem(status: number, detail: string, options: ProblemOptions = {}) {
  return { ...problems(status, { "about:blank": detail }, options), description: detail };
}

/** Error responses with the same status and different types. `details` are by type. */
export function problems(
  status: number,
  details: Readonly<Record<string, string>>,
  { headers: names = [], errors }: ProblemOptions = {},
) {
  const types = Object.keys(details);
  const schema = {
    allOf: [
      schemaReference("Problem"),
      {
        type: "object",
        properties: {
          type: { type: "string", enum: types },
          status: { type: "integer", enum: [status] },
        },
      },
    ],
  };
  const examples = Object.entries(details).map(([type, detail]) => [
    type.replace(/^.*:/, ""),
    { value: new Problem(status, detail, { type, errors }).toJSON() },
  ]);
  return {
    description: Object.entries(details)
      .map(([type, detail]) => `- \`${type}\`: ${detail}`)
      .join("\n"),
    headers: references(["X-Request-Id", ...names]),
    content: {
      "application/problem+json": { schema, examples: Object.fromEntries(examples) as object },
    },
  };
}

function references(names: readonly HeaderName[]) {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/**
 * A response of the HTTP server itself. It has no request id, because no request reached the app.
 */
const withoutId = (response: ReturnType<typeof problem>) => ({ ...response, headers: {} });

/** The responses that every request may get. */
export const commonProblems = {
  408: withoutId(problem(408, "The request did not arrive in time: send it faster.")),
  431: withoutId(problem(431, "The headers are too large.")),
  500: problem(500, "The request failed on our side. Report the X-Request-Id header."),
};
