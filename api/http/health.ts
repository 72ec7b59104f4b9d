import Router from "@koa/router";
import type { ApiRouter, RequestState } from "./request-state";

const READINESS = "/health";
const LIVENESS = "/live";

/** The load balancer and ECS request these paths every few seconds. */
export const PROBED_ROUTES: ReadonlySet<string> = new Set([READINESS, LIVENESS]);

/**
 * `GET /health` is the readiness check of the load balancer. It answers 503 once `stopping` is
 * aborted. `GET /live` is the liveness check of the container. It answers 200 as long as the
 * process answers. Neither calls DynamoDB, so that an outage of DynamoDB cannot take every task out
 * of service.
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
