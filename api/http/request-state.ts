import type Router from "@koa/router";
import type { RouterContext } from "@koa/router";
import type { Middleware } from "koa";

/** What the middleware of one request tell each other: `ctx.state`. */
export interface RequestState {
  /** Names the request in logs and in the `X-Request-Id` response header. */
  requestId: string;
  /** Whom the access token was given to. @default - there is none */
  subject?: string;
  /** The request's JSON, where the route has read it. */
  body?: unknown;
  /** Why the answer is a 5xx: for the log alone, never for the client. @default - it is not */
  error?: unknown;
}

export type ApiMiddleware = Middleware<RequestState>;

export type ApiRouter = Router<RequestState>;

/** The context of a route: with the path's parameters. */
export type ApiContext = RouterContext<RequestState>;
