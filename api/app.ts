import Router from "@koa/router";
import Koa from "koa";
import type { Logger } from "pino";
import { healthRoutes } from "./health";
import type { ItemRepository } from "./items/item-repository";
import { itemRoutes } from "./items/routes";
import { drain } from "./middleware/drain";
import { errors } from "./middleware/errors";
import { requestLog } from "./middleware/request-log";
import { securityHeaders } from "./middleware/security-headers";
import type { RequestState } from "./request-state";

export interface AppDependencies {
  readonly repository: ItemRepository;
  readonly logger: Logger;
  /** Aborted when the server begins to stop: readiness fails and connections are closed. */
  readonly stopping: AbortSignal;
}

/** The inventory API: opens no port, reads no environment, keeps no state of its own. */
export function createApp({ repository, logger, stopping }: AppDependencies): Koa<RequestState> {
  const router = new Router<RequestState>();
  router.use(healthRoutes(stopping).routes());
  router.use(itemRoutes(repository).routes());

  const app = new Koa<RequestState>();
  app.on("error", (err) => {
    logger.error({ err: err as unknown }, "response failed");
  });
  app
    .use(requestLog(logger))
    .use(drain(stopping))
    .use(securityHeaders())
    .use(errors())
    .use(router.routes())
    .use(router.allowedMethods());
  return app;
}
