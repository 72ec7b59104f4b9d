import { once } from "node:events";
import type { Server } from "node:http";
import { join } from "node:path";
import type { Logger } from "pino";
import { createApp } from "./app";
import { createTokenVerifier } from "./auth/token-verifier";
import { ConfigError, readConfig, type Config } from "./config";
import { createDynamoDbClient } from "./items/store/dynamodb-client";
import { createHttpServer } from "./http/http-server";
import { createDynamoDbItemRepository } from "./items/store/dynamodb-item-repository";
import type { ItemRepository } from "./items/item-repository";
import { createMemoryItemRepository } from "./items/store/memory-item-repository";
import { createLogger, openOutput } from "./observability/logger";
import { createMetrics, type Metrics } from "./observability/metrics";
import { untilQuiet } from "./http/until-quiet";

/**
 * The load balancer needs ten seconds to notice that a task is no longer ready, and requests in
 * flight get twenty. Together they stay below the `stopTimeout` of the container, after which ECS
 * kills it.
 */
const QUIET = { quietMs: 2_000, deadlineMs: 12_000 };
const STOP_DEADLINE_MS = 20_000;

async function main() {
  const config = readConfig(process.env);
  const output = openOutput();
  const logger = createLogger(config.logLevel, output);
  const metrics = config.metrics === "emf" ? createMetrics(output) : undefined;
  // This also runs after an uncaught error.
  process.on("exit", () => {
    metrics?.flush();
    output.flush();
  });
  const stopping = stopSignal();
  const repository = await openRepository(config, logger, metrics);
  const verifyToken = config.tokenIssuer && createTokenVerifier(config.tokenIssuer);
  const docsFolder = join(__dirname, "docs");
  const app = createApp({ repository, logger, stopping, verifyToken, metrics, docsFolder });
  const { server, stop } = createHttpServer(app.callback(), { methodsAt: app.methodsAt });

  await listen(server, config);
  const auth = verifyToken ? "bearer" : "none";
  logger.info({ host: config.host, port: config.port, auth }, "listening");
  if (!stopping.aborted) await once(stopping, "abort");
  logger.info("stopping");
  await untilQuiet(server, QUIET);
  await stop(STOP_DEADLINE_MS);
  logger.info("stopped");
}

/** A signal that SIGTERM, with which ECS stops a task, or SIGINT aborts. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      controller.abort();
    });
  }
  return controller.signal;
}

async function openRepository(
  { tables }: Config,
  logger: Logger,
  metrics: Metrics | undefined,
): Promise<ItemRepository> {
  if (tables === undefined) {
    logger.warn(
      "ITEMS_TABLE and CLAIMS_TABLE are not set: items are kept in memory and are lost on restart",
    );
    return createMemoryItemRepository();
  }
  const client = createDynamoDbClient({ repeat: "always", metrics });
  const cautiousClient = createDynamoDbClient({ repeat: "only-if-not-done", metrics });
  await client.config.region().catch(() => {
    throw new ConfigError(
      `AWS_REGION is not set, expected the region of the table ${tables.itemsTable}, such as eu-central-1.\n` +
        "Correct the environment variables and start again.",
    );
  });
  return createDynamoDbItemRepository({ ...tables, client, cautiousClient });
}

async function listen(server: Server, { host, port }: Config) {
  const listening = once(server, "listening");
  server.listen(port, host);
  await listening.catch((error: unknown) => {
    throw new ConfigError(
      `Cannot listen on HOST ${host}, PORT ${port}: ${(error as Error).message}.\n` +
        "Choose another address or end the program that uses this one.",
    );
  });
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof ConfigError ? error.message : error);
    process.exit(1);
  },
);
