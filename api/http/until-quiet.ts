import type { IncomingMessage, Server } from "node:http";
import { PROBED_ROUTES } from "./health";

interface Quiet {
  /** How long no request except health checks may have arrived, in milliseconds. */
  readonly quietMs: number;
  /** The time after which the wait ends in any case, in milliseconds. */
  readonly deadlineMs: number;
}

/**
 * Resolves when no more requests arrive at a stopping server. Load balancers send requests to a
 * task for some seconds after it was told to stop. A server that closed its port earlier would lose
 * them.
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
