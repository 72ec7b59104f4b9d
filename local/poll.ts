import { setTimeout as sleep } from "node:timers/promises";

/** A repeated function that runs until it is stopped. */
export interface Polling {
  /** Starts no further round, and resolves when the last one has ended. */
  stop(): Promise<void>;
}

/**
 * Runs `round` repeatedly, with a pause of `intervalMs` between the end of a round and the start of the next. The
 * error of a failed round is passed to `onError`, and the next round follows.
 */
export function poll(
  intervalMs: number,
  round: () => Promise<void>,
  onError: (error: Error) => void,
): Polling {
  const stopping = new AbortController();
  const rounds = async () => {
    while (!stopping.signal.aborted) {
      await round().catch((error: unknown) => {
        if (!stopping.signal.aborted) onError(error as Error);
      });
      await sleep(intervalMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const ended = rounds();
  return {
    stop: () => {
      stopping.abort();
      return ended;
    },
  };
}
