import { Problem, type FieldError } from "../http/problem";
import { schemaReference, type SchemaName } from "./schemas";

/** Response headers that mean something to a client. */
export const headers = {
  "X-Request-Id": {
    description: "Finds the request in our log. Taken from the request, else made.",
    required: true,
    schema: { type: "string" },
  },
  ETag: {
    description: "Tells one content from another: for If-None-Match and If-Match.",
    required: true,
    schema: { type: "string", pattern: '^(W/)?"[!#-~]+"$' },
  },
  Location: {
    description: "Path of the new item.",
    required: true,
    schema: { type: "string", format: "uri-reference" },
  },
  Link: {
    description: 'Path of the next page, with `rel="next"`; none on the last page.',
    schema: { type: "string" },
  },
  "Retry-After": {
    description: "Seconds after which the same request may succeed.",
    schema: { type: "integer", minimum: 1 },
  },
  "WWW-Authenticate": {
    description: "What an access token must allow, and what is wrong with the one that was sent.",
    required: true,
    schema: { type: "string", pattern: "^Bearer " },
  },
  "Accept-Post": { description: "Media types that are read.", schema: { type: "string" } },
  "Accept-Patch": { description: "Media types that are read.", schema: { type: "string" } },
};

type HeaderName = keyof typeof headers;

/** An answer without a body. */
export function empty(description: string, names: readonly HeaderName[] = []) {
  return { description, headers: references(["X-Request-Id", ...names]) };
}

/** An answer whose body is of one media type. */
export function content(
  description: string,
  mediaType: string,
  schema: object,
  names: readonly HeaderName[] = [],
) {
  return { ...empty(description, names), content: { [mediaType]: { schema } } };
}

/** An answer whose body is JSON of a named schema. */
export function json(description: string, schema: SchemaName, names: readonly HeaderName[] = []) {
  return content(description, "application/json", schemaReference(schema), names);
}

interface ProblemOptions {
  /** @default - none but `X-Request-Id` */
  readonly headers?: readonly HeaderName[];
  /** @default - no field is to blame */
  readonly errors?: readonly FieldError[];
}

/** An error that its status names well enough. `detail` describes it, and is in the example. */
export function problem(status: number, detail: string, options: ProblemOptions = {}) {
  return { ...problems(status, { "about:blank": detail }, options), description: detail };
}

/** Errors of one status that their types tell apart: `details` are by type. */
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

/** The HTTP server's own answers: it has no id for what never became a request. */
const withoutId = (response: ReturnType<typeof problem>) => ({ ...response, headers: {} });

/** What may be answered to any request. */
export const commonProblems = {
  408: withoutId(problem(408, "The request did not arrive in time: send it faster.")),
  431: withoutId(problem(431, "The headers are too large.")),
  500: problem(500, "The request failed on our side. Report the X-Request-Id header."),
};
