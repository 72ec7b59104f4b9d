import { pino } from "pino";
import { createApp } from "../../../api/app";
import type { ItemRepository } from "../../../api/items/item-repository";
import { createMemoryItemRepository } from "../../../api/items/store/memory-item-repository";
import type { VerifyToken } from "../../../api/auth/token-verifier";
import { checked, documents } from "./conformance";

/**
 * The app and everything that a test needs: a client that checks every answer against the OpenAPI
 * document, the log lines, and a function that stops the app.
 */
export function createTestApp(
  repository: ItemRepository = createMemoryItemRepository(),
  verifyToken?: VerifyToken,
) {
  const log: Record<string, unknown>[] = [];
  const logger = pino(
    {},
    { write: (line: string) => log.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const stopping = new AbortController();
  const app = createApp({ repository, logger, stopping: stopping.signal, verifyToken });
  const handle = app.callback();
  const handler = (...args: Parameters<typeof handle>) => void handle(...args);
  return {
    log,
    stopping,
    handler,
    methodsAt: app.methodsAt,
    api: checked(handler, documents[verifyToken ? "bearer" : "none"]),
  };
}
