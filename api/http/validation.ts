import type { z } from "zod";
import { Problem, type FieldError } from "./problem";

/** A body can have thousands of unknown fields, and nobody reads more errors than these. */
const MAX_FIELD_ERRORS = 20;

/**
 * Parses the request body with `schema`. Throws a 400 `Problem` that points at each wrong field.
 */
export function validBody<Schema extends z.ZodType>(schema: Schema, body: unknown) {
  return valid(schema, body, "body", (path, detail) => ({ detail, pointer: jsonPointer(path) }));
}

/**
 * Parses the query string with `schema`. Throws a 400 `Problem` that names each wrong parameter.
 */
export function validQuery<Schema extends z.ZodType>(schema: Schema, query: unknown) {
  return valid(schema, query, "query", (path, detail) => ({ detail, parameter: path.join(".") }));
}

type Path = readonly PropertyKey[];
type ToFieldError = (path: Path, detail: string) => FieldError;

function valid<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  part: string,
  toFieldError: ToFieldError,
): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap((issue) => fieldErrors(issue, toFieldError));
  throw new Problem(400, `The ${part} is not valid: see errors.`, {
    errors: errors.slice(0, MAX_FIELD_ERRORS),
  });
}

/**
 * Zod reports all unknown fields as one issue of their parent. This gives each field its own
 * pointer.
 */
function fieldErrors(issue: z.core.$ZodIssue, toFieldError: ToFieldError): FieldError[] {
  if (issue.code !== "unrecognized_keys") return [toFieldError(issue.path, issue.message)];
  return issue.keys.map((key) => toFieldError([...issue.path, key], "Unknown field: remove it"));
}

function jsonPointer(path: Path): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
