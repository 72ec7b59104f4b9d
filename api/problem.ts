import { STATUS_CODES } from "node:http";

/** What is wrong with one field: of the body, by JSON pointer (RFC 6901), or of the query, by name. */
export type FieldError = { detail: string } & ({ pointer: string } | { parameter: string });

interface ProblemOptions {
  /** @default - no field is to blame */
  readonly errors?: readonly FieldError[];
  /** Response headers, such as `Retry-After`. @default - none */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An error that is meant for the client: throw it anywhere below the `errors` middleware, which
 * sends it as `application/problem+json` (RFC 9457). All of it is public.
 */
export class Problem extends Error {
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly status: number,
    readonly detail: string,
    { errors, headers = {} }: ProblemOptions = {},
  ) {
    super(detail);
    this.name = "Problem";
    this.errors = errors;
    this.headers = headers;
  }

  /** The body of the response. With `about:blank`, RFC 9457 makes the title that of the status. */
  toJSON() {
    return {
      type: "about:blank",
      title: STATUS_CODES[this.status],
      status: this.status,
      detail: this.detail,
      errors: this.errors,
    };
  }
}
