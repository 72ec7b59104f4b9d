/**
 * Uses a deployed platform through its load balancer as its clients do, and leaves nothing behind.
 *
 * @throws when an answer is not the expected one
 */
export type SmokeTest = (tools: SmokeTools) => Promise<void>;

/** What a smoke test is given, so that it imports nothing. */
export interface SmokeTools {
  readonly client: SmokeClient;
  /** Removes what a failed test has made: an interrupt does not end its requests. */
  readonly cleaner: SmokeClient;
  /** An access token, for an API that asks for one. @default - none */
  readonly token: string | undefined;
  /** Runs a step. Its title is shown with the time that it took, and stands in its error. */
  readonly step: <T>(title: string, run: () => Promise<T>) => Promise<T>;
  /** Shows a line. */
  readonly say: (line: string) => void;
  /** Waits until a path is answered with 200, for as long as `npm run smoke` is told to. */
  readonly untilReady: (path: string) => Promise<void>;
}

/** Sends requests of which it knows what the answers must be. */
export interface SmokeClient {
  /** The access token that goes with each request. @default - none does */
  token?: string | undefined;

  /** @throws Error that shows the request, the answer and what was expected */
  send(request: SmokeRequest): Promise<SmokeAnswer>;

  /**
   * Reads the OpenAPI document that the API gives of itself. Every later answer must be as it says.
   *
   * @returns the components of the document
   */
  readDocument(path: string): Promise<{ readonly securitySchemes?: object }>;
}

export interface SmokeRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** Path as the OpenAPI document has it: `/items/{id}`. */
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

export interface SmokeAnswer {
  /** What the JSON says; the text of an answer of another type. */
  readonly body: unknown;
  readonly etag: string;
}
