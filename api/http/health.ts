import Router from "@koa/router";
import type { ApiRouter, RequestState } from "./request-state";

const READINESS = "/health";
const LIVENESS = "/live";

/** Asked all the time, by machines. */
export const PROBED_ROUTES: ReadonlySet<string> = new Set([READINESS, LIVENESS]);

/**
 * `GET /health`: readiness, for the load balancer: 503 once `stopping` is aborted.
 * `GET /live`: liveness, for the container's health check: 200 as long as the process answers.
 * Neither asks DynamoDB, so that its outage cannot take the whole fleet out of service.
 */
export function healthRoutes(stopping: AbortSignal): ApiRouter {
  return new Router<RequestState>()
    .get(READINESS, (ctx) => {
      ctx.status = stopping.aborted ? 503 : 200;
      ctx.body = { status: stopping.aborted ? "stopping" : "ok" };
    })
    .get(LIVENESS, (ctx) => {
      ctx.body = { status: "ok" };
    });
}
