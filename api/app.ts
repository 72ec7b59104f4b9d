import Router from "@koa/router";
import Koa from "koa";
import type { Logger } from "pino";
import { bearer } from "./auth/bearer";
import type { VerifyToken } from "./auth/token-verifier";
import { docsRoutes } from "./docs/routes";
import { healthRoutes } from "./http/health";
import type { ItemRepository } from "./items/item-repository";
import { itemRoutes } from "./items/routes";
import type { Metrics } from "./observability/metrics";
import { allowedMethods, methodsAt } from "./http/middleware/allowed-methods";
import { drain } from "./http/middleware/drain";
import { errors } from "./http/middleware/errors";
import { requestLog } from "./observability/request-log";
import { requestMetrics } from "./observability/request-metrics";
import { securityHeaders } from "./http/middleware/security-headers";
import { unreadBody } from "./http/middleware/unread-body";
import { openApiRoutes } from "./openapi/routes";
import type { RequestState } from "./http/request-state";

export interface AppDependencies {
  readonly repository: ItemRepository;
  readonly logger: Logger;
  /** Is aborted when the server begins to stop. Readiness then fails and connections are closed. */
  readonly stopping: AbortSignal;
  /** Verifies the access tokens of requests to `/items`. @default - requests need no token */
  readonly verifyToken?: VerifyToken | undefined;
  /** Counts and times requests. @default - requests are not counted */
  readonly metrics?: Metrics | undefined;
  /**
   * The folder of the files of `/docs`, which `npm run build` writes. @default - `/docs` answers
   * 404
   */
  readonly docsFolder?: string;
}

/**
 * The inventory API as a Koa app. It opens no port, reads no environment variables and keeps no
 * state of its own.
 */
export function createApp(dependencies: AppDependencies) {
  const { repository, logger, stopping, verifyToken, metrics, docsFolder } = dependencies;
  const router = new Router<RequestState>();
  router.use(healthRoutes(stopping).routes());
  router.use(itemRoutes(repository, verifyToken && bearer(verifyToken)).routes());
  router.use(openApiRoutes({ auth: verifyToken ? "bearer" : "none" }).routes());
  router.use(docsRoutes(docsFolder).routes());

  const app = new Koa<RequestState>();
  app.on("error", (err) => {
    logger.error({ err: err as unknown }, "response failed");
  });
  if (metrics) app.use(requestMetrics(metrics));
  app
    .use(requestLog(logger))
    .use(unreadBody())
    .use(drain(stopping))
    .use(securityHeaders())
    .use(errors())
    .use(allowedMethods())
    .use(router.routes());
  return Object.assign(app, {
    /** The methods that a path accepts. The list is empty when the path does not exist. */
    methodsAt: (path: string) => methodsAt(router, path),
  });
}
