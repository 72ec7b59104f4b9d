import { setTimeout as sleep } from "node:timers/promises";

/** Clients that send requests continuously, each one after another. */
export interface ConstantLoad {
  /** Stops the clients. Returns the number of all answers, and every answer that was not 200. */
  stop(): Promise<{ readonly requests: number; readonly failures: string[] }>;
}

const CLIENTS = 4;

/**
 * Starts a few clients for a URL.
 *
 * @param init the options of each request. @default - GET
 * @param check throws when an answer is wrong. @default - only the status is checked
 */
export function constantLoad(
  url: string,
  init: RequestInit = {},
  check: (response: Response, body: string) => void = () => undefined,
): ConstantLoad {
  const failures: string[] = [];
  let requests = 0;
  let stopped = false;
  const ask = async () => {
    while (!stopped) {
      requests++;
      try {
        const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
        const body = await response.text();
        check(response, body);
        if (response.status !== 200) failures.push(`${response.status} ${body}`);
      } catch (error) {
        failures.push(String((error as Error).cause ?? error));
      }
      await sleep(10);
    }
  };
  const running = Array.from({ length: CLIENTS }, ask);
  return {
    async stop() {
      stopped = true;
      await Promise.all(running);
      return { requests, failures };
    },
  };
}
