import { pino } from "pino";
import { createApp } from "../../../api/app";
import type { ItemRepository } from "../../../api/items/item-repository";
import { createMemoryItemRepository } from "../../../api/items/memory-item-repository";

/** The app with what a test needs of it: its HTTP handler, its log lines and its stop button. */
export function createTestApp(repository: ItemRepository = createMemoryItemRepository()) {
  const log: Record<string, unknown>[] = [];
  const logger = pino(
    {},
    { write: (line: string) => log.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const stopping = new AbortController();
  const app = createApp({ repository, logger, stopping: stopping.signal });
  const handle = app.callback();
  return {
    log,
    stopping,
    handler: (...args: Parameters<typeof handle>) => void handle(...args),
  };
}
