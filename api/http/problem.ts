import { STATUS_CODES } from "node:http";
import { z } from "zod";

const fieldErrorSchema = z.strictObject({
  detail: z.string(),
  pointer: z.string().optional().meta({ description: "JSON pointer (RFC 6901) into the body." }),
  parameter: z.string().optional().meta({ description: "Name of the query parameter." }),
});

/** The body of every error answer (RFC 9457). */
export const problemSchema = z.strictObject({
  type: z.string().meta({
    description: "`about:blank` when the status alone describes the problem.",
    examples: ["about:blank"],
  }),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().meta({ description: "What is wrong, and what to do." }),
  errors: z.array(fieldErrorSchema).optional(),
});

/**
 * What is wrong with one field: a JSON pointer (RFC 6901) names a field of the body, a name a
 * parameter of the query.
 */
export type FieldError = z.infer<typeof fieldErrorSchema>;

interface ProblemOptions {
  /**
   * A URI that distinguishes this problem from others with the same status. @default "about:blank"
   */
  readonly type?: string;
  /** @default - no particular field is wrong */
  readonly errors?: readonly FieldError[];
  /** Response headers, such as `Retry-After`. @default - none */
  readonly headers?: Readonly<Record<string, string>>;
  /** The underlying error, which is only logged. @default - the client caused the problem */
  readonly cause?: unknown;
}

/**
 * An error that is meant for the client. Throw it anywhere below the `errors` middleware, which
 * sends it as `application/problem+json` (RFC 9457). Everything in it except its cause is public.
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

  /** The body of the response. For `about:blank`, RFC 9457 requires the title of the status. */
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

/**
 * The header of answers that may differ soon: throttling, conflicts and outages pass in seconds.
 */
export const RETRY_LATER = { "Retry-After": "2" };

export const nothingThere = () => new Problem(404, "There is nothing at this path.");

/** @param methods the methods that the path accepts */
export const methodNotAllowed = (method: string, methods: readonly string[]) =>
  new Problem(405, `This path does not take ${method}: see the Allow header.`, {
    headers: { Allow: methods.join(", ") },
  });
