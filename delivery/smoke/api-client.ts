import { type OpenApiDocument, undocumented } from "./openapi";

export interface ApiRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** Path as the document has it: `/items/{id}`. */
  readonly template: string;
  /** Path and query. @default - the template */
  readonly path?: string;
  /** What it may be answered with. */
  readonly status: number | readonly number[];
  /** @default - none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. @default - none */
  readonly body?: object;
  /** @default - the client's */
  readonly timeoutMs?: number;
}

export interface ApiAnswer {
  /** JSON of the shape that is documented, undefined when it is empty. */
  readonly body: unknown;
  readonly etag: string;
}

const SHOWN_CHARACTERS = 2_000;

/** Sends requests of which it knows what the answers must be. */
export class ApiClient {
  /** Answers are held against it. @default - only their status is looked at */
  document?: OpenApiDocument;

  /** The access token that goes with each request. @default - none does */
  token?: string | undefined;

  /**
   * @param timeoutMs for each request
   * @param signal ends every request
   */
  constructor(
    private readonly url: string,
    private readonly timeoutMs: number,
    private readonly signal?: AbortSignal,
  ) {}

  /** @throws Error that shows the request, the answer and what was expected */
  async send(request: ApiRequest): Promise<ApiAnswer> {
    const { method, template, path = template, status, headers, body } = request;
    const { timeoutMs = this.timeoutMs } = request;
    const timeout = AbortSignal.timeout(timeoutMs);
    const sent = `${method} ${this.url}${path}${body ? ` ${JSON.stringify(body)}` : ""}`;
    try {
      const response = await fetch(`${this.url}${path}`, {
        method,
        headers: {
          ...headers,
          ...(body && { "content-type": "application/json" }),
          ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
        },
        body: body && JSON.stringify(body),
        redirect: "manual",
        signal: this.signal ? AbortSignal.any([timeout, this.signal]) : timeout,
      });
      const text = await response.text();
      const contentType = response.headers.get("content-type") ?? "";
      const answer = { method, template, status: response.status, contentType, text };
      const wrong = [status].flat().includes(response.status)
        ? this.document && undocumented(this.document, answer)
        : `expected ${[status].flat().join(" or ")}`;
      if (wrong !== undefined) {
        throw new Error(
          `${wrong}\n${response.status} ${contentType} ${text.slice(0, SHOWN_CHARACTERS)}`,
        );
      }
      return {
        body: text === "" ? undefined : parsed(text),
        etag: response.headers.get("etag") ?? "",
      };
    } catch (error) {
      throw new Error(`${sent}\n${reasonOf(error, timeout, timeoutMs)}`, {
        cause: error,
      });
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`expected JSON\n${text.slice(0, SHOWN_CHARACTERS)}`);
  }
}

function reasonOf(error: unknown, timeout: AbortSignal, timeoutMs: number) {
  if (timeout.aborted) return `no answer within ${timeoutMs / 1000} s`;
  // Of a failed connection `fetch` says only in the cause why.
  const { message, cause } = error as Error & { cause?: Error };
  return cause ? `${message}: ${cause.message}` : message;
}
