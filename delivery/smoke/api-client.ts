import type { SmokeAnswer, SmokeClient, SmokeRequest } from "../../model/smoke-test";
import { type OpenApiDocument, undocumented } from "./openapi";

const SHOWN_CHARACTERS = 2_000;

/** Sends requests to an API and checks the answers. */
export class ApiClient implements SmokeClient {
  token?: string | undefined;

  /** The OpenAPI document that answers are checked against. @default - only the status is checked */
  private document?: OpenApiDocument;

  /**
   * @param timeoutMs the timeout of each request
   * @param signal aborts every request
   */
  constructor(
    private readonly url: string,
    private readonly timeoutMs: number,
    private readonly signal?: AbortSignal,
  ) {}

  async readDocument(path: string) {
    const { body } = await this.send({ method: "GET", template: path, status: 200 });
    const { openapi, paths, components } = (body ?? {}) as Partial<OpenApiDocument> & {
      openapi?: unknown;
    };
    if (typeof openapi !== "string" || !openapi.startsWith("3.1.") || !paths || !components) {
      throw new Error(
        `GET ${path} returned no OpenAPI 3.1 document: expected openapi, paths, components`,
      );
    }
    this.document = { paths, components };
    return components;
  }

  async send(request: SmokeRequest): Promise<SmokeAnswer> {
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
        body: isJson(contentType) ? parsed(text) : text,
        etag: response.headers.get("etag") ?? "",
      };
    } catch (error) {
      throw new Error(`${sent}\n${reasonOf(error, timeout, timeoutMs)}`, {
        cause: error,
      });
    }
  }
}

const isJson = (contentType: string) => /^application\/([\w.-]+\+)?json\b/.test(contentType);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`expected JSON\n${text.slice(0, SHOWN_CHARACTERS)}`);
  }
}

function reasonOf(error: unknown, timeout: AbortSignal, timeoutMs: number) {
  if (timeout.aborted) return `no answer within ${timeoutMs / 1000} s`;
  // When a connection fails, only the `cause` of the error from `fetch` says why.
  const { message, cause } = error as Error & { cause?: Error };
  return cause ? `${message}: ${cause.message}` : message;
}
