import type Router from "@koa/router";
import type { RouterContext } from "@koa/router";
import type { Middleware } from "koa";

/** The type of `ctx.state`, through which the middleware of one request share values. */
export interface RequestState {
  /** The id of the request in logs and in the `X-Request-Id` response header. */
  requestId: string;
  /** The subject of the access token. @default - the request has no token */
  subject?: string;
  /** The parsed JSON body, when the route has read it. */
  body?: unknown;
  /** The cause of a 5xx answer, which is logged and never sent. @default - the answer is no 5xx */
  error?: unknown;
}

export type ApiMiddleware = Middleware<RequestState>;

export type ApiRouter = Router<RequestState>;

/** The context of a route, including the parameters of its path. */
export type ApiContext = RouterContext<RequestState>;
