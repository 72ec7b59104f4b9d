import { setTimeout as sleep } from "node:timers/promises";

/** Something that runs until it is stopped. */
export interface Polling {
  /** Resolves when the last round has ended. */
  stop(): Promise<void>;
}

/**
 * Runs `round` again and again, each time `intervalMs` after the one before has ended. A failed round
 * is told to `onError` and followed by the next.
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
