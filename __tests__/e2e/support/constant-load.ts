import { setTimeout as sleep } from "node:timers/promises";

/** Clients that ask one after another, without end. */
export interface ConstantLoad {
  /** Ends it; every answer that was not 200, and how many there were in all. */
  stop(): Promise<{ readonly requests: number; readonly failures: string[] }>;
}

const CLIENTS = 4;

/**
 * Starts a few clients on a URL.
 *
 * @param init what they send. @default - GET
 * @param check throws when an answer is not what it should be. @default - only its status counts
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
