import { once } from "node:events";
import type { Server } from "node:http";
import type { Logger } from "pino";
import { createApp } from "./app";
import { ConfigError, readConfig, type Config } from "./config";
import { createHttpServer } from "./http-server";
import { createDynamoDbClient } from "./items/dynamodb-client";
import { createDynamoDbItemRepository } from "./items/dynamodb-item-repository";
import type { ItemRepository } from "./items/item-repository";
import { createMemoryItemRepository } from "./items/memory-item-repository";
import { createLogger } from "./logger";

/** Below the `stopTimeout` of the container (30 s), after which ECS sends SIGKILL. */
const STOP_DEADLINE_MS = 20_000;

async function main() {
  const config = readConfig(process.env);
  const logger = createLogger(config.logLevel);
  const stopping = stopSignal();
  const repository = await openRepository(config, logger);
  const { server, stop } = createHttpServer(createApp({ repository, logger, stopping }).callback());

  await listen(server, config);
  logger.info({ host: config.host, port: config.port }, "listening");
  if (!stopping.aborted) await once(stopping, "abort");
  logger.info("stopping");
  await stop(STOP_DEADLINE_MS);
  logger.info("stopped");
}

/** Aborted by SIGTERM, which is how ECS stops a task, or SIGINT. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      controller.abort();
    });
  }
  return controller.signal;
}

async function openRepository({ itemsTable }: Config, logger: Logger): Promise<ItemRepository> {
  if (itemsTable === undefined) {
    logger.warn("ITEMS_TABLE is not set: items are kept in memory and are lost on restart");
    return createMemoryItemRepository();
  }
  const client = createDynamoDbClient();
  await client.config.region().catch(() => {
    throw new ConfigError(
      `AWS_REGION is not set, expected the region of the table ${itemsTable}, such as eu-central-1.\n` +
        "Correct the environment and start again.",
    );
  });
  return createDynamoDbItemRepository(itemsTable, client);
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
