import { STATUS_CODES } from "node:http";
import { z } from "zod";

const fieldErrorSchema = z.strictObject({
  detail: z.string(),
  pointer: z.string().optional().meta({ description: "JSON pointer (RFC 6901) into the body." }),
  parameter: z.string().optional().meta({ description: "Name of the query parameter." }),
});

/** The body of every answer that is an error (RFC 9457). */
export const problemSchema = z.strictObject({
  type: z.string().meta({
    description: "`about:blank` when the status says it all.",
    examples: ["about:blank"],
  }),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().meta({ description: "What is wrong, and what to do." }),
  errors: z.array(fieldErrorSchema).optional(),
});

/** What is wrong with one field: of the body, by JSON pointer (RFC 6901), or of the query, by name. */
export type FieldError = z.infer<typeof fieldErrorSchema>;

interface ProblemOptions {
  /** A URI that tells this problem from others of its status. @default "about:blank" */
  readonly type?: string;
  /** @default - no field is to blame */
  readonly errors?: readonly FieldError[];
  /** Response headers, such as `Retry-After`. @default - none */
  readonly headers?: Readonly<Record<string, string>>;
  /** For the log alone. @default - none: the client is to blame */
  readonly cause?: unknown;
}

/**
 * An error that is meant for the client: throw it anywhere below the `errors` middleware, which
 * sends it as `application/problem+json` (RFC 9457). All of it but its cause is public.
 */
export class Problem extends Error {
  readonly type: string;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly status: number,
    readonly detail: string,
    { type = "about:blank", errors, headers = {}, cause }: ProblemOptions = {},
  ) {
    super(detail, { cause });
    this.name = "Problem";
    this.type = type;
    this.errors = errors;
    this.headers = headers;
  }

  /** The body of the response. With `about:blank`, RFC 9457 makes the title that of the status. */
  toJSON() {
    return {
      type: this.type,
      title: STATUS_CODES[this.status],
      status: this.status,
      detail: this.detail,
      errors: this.errors,
    };
  }
}

/** Headers of an answer that may be another in a moment: throttling, conflicts and outages pass in seconds. */
export const RETRY_LATER = { "Retry-After": "2" };

export const nothingThere = () => new Problem(404, "There is nothing at this path.");

/** @param methods those that the path takes */
export const methodNotAllowed = (method: string, methods: readonly string[]) =>
  new Problem(405, `This path does not take ${method}: see the Allow header.`, {
    headers: { Allow: methods.join(", ") },
  });
