/**
 * Uses a deployed platform through its load balancer, like a client, and deletes all that it has created.
 *
 * @throws when a response is not the expected one
 */
export type SmokeTest = (tools: SmokeTools) => Promise<void>;

/** The tools that are passed to a smoke test, so that it needs no imports. */
export interface SmokeTools {
  readonly client: SmokeClient;
  /** The client for deleting what a failed test has created. An interrupt does not abort its requests. */
  readonly cleaner: SmokeClient;
  /** An access token, for an API that requires one. `undefined` when there is none. */
  readonly token: string | undefined;
  /** Runs a step and shows its title and duration. If the step fails, its error contains the title. */
  readonly step: <T>(title: string, run: () => Promise<T>) => Promise<T>;
  /** Prints a line. */
  readonly say: (line: string) => void;
  /** Waits until the response for a path is 200, for at most the time that `npm run smoke` is given. */
  readonly untilReady: (path: string) => Promise<void>;
}

/** Sends requests and checks that the responses are the expected ones. */
export interface SmokeClient {
  /** The access token that is sent with each request. @default - none */
  token?: string | undefined;

  /** @throws Error that shows the request, the response and what was expected */
  send(request: SmokeRequest): Promise<SmokeAnswer>;

  /**
   * Reads the API's OpenAPI document. The client checks every later response against it.
   *
   * @returns the components of the document
   */
  readDocument(path: string): Promise<{ readonly securitySchemes?: object }>;
}

export interface SmokeRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** Path as it is written in the OpenAPI document, such as `/items/{id}`. */
  readonly template: string;
  /** Path and query. @default - the template */
  readonly path?: string;
  /** The expected status code or codes of the response. */
  readonly status: number | readonly number[];
  /** @default - none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. @default - none */
  readonly body?: object;
  /** @default - the client's */
  readonly timeoutMs?: number;
}

export interface SmokeAnswer {
  /** The parsed JSON, or the text of a response of another type. */
  readonly body: unknown;
  readonly etag: string;
}
