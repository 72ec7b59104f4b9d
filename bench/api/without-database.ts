/** The same Koa app without the database call: every read returns a fixed item. */
import { createApp } from "../../api/app";
import { readConfig } from "../../api/config";
import { createHttpServer } from "../../api/http/http-server";
import type { ItemRepository } from "../../api/items/item-repository";
import { createMemoryItemRepository } from "../../api/items/store/memory-item-repository";
import { createLogger, openOutput } from "../../api/observability/logger";
import { createMetrics } from "../../api/observability/metrics";
import { itemAt } from "./items";

const { logLevel, port, host } = readConfig(process.env);
const output = openOutput();
const item = itemAt(0);
const repository: ItemRepository = {
  ...createMemoryItemRepository(),
  get: () => Promise.resolve(item),
};
const app = createApp({
  repository,
  logger: createLogger(logLevel, output),
  stopping: new AbortController().signal,
  metrics: createMetrics(output),
});
createHttpServer(app.callback()).server.listen(port, host);
