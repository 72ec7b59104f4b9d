import type { IncomingMessage, Server } from "node:http";
import { PROBED_ROUTES } from "./health";

interface Quiet {
  /** How long nobody may have asked for anything, health checks apart. */
  readonly quietMs: number;
  /** When it ends all the same. */
  readonly deadlineMs: number;
}

/**
 * Resolves when a server that says it is stopping is no longer asked: load balancers send requests
 * to a task for seconds after it was told to stop, which one that does not listen would lose.
 */
export function untilQuiet(server: Server, { quietMs, deadlineMs }: Quiet): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(deadline);
      clearTimeout(quiet);
      server.off("request", onRequest);
      resolve();
    };
    const deadline = setTimeout(finish, deadlineMs);
    const quiet = setTimeout(finish, quietMs);
    const onRequest = ({ url = "" }: IncomingMessage) => {
      if (!PROBED_ROUTES.has(url)) quiet.refresh();
    };
    server.on("request", onRequest);
  });
}
