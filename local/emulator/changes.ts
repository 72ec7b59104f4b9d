import { setTimeout as sleep } from "node:timers/promises";
import type { LocalAws } from "./aws";
import { nextChange } from "./control";

const RETRY_MS = 250;

/** The changes of what is deployed: clusters, services, load balancers, targets and security groups. */
export interface Changes {
  /** A number that differs after each change. It also differs after an error, because a change may have been missed. */
  readonly count: number;
}

/** Follows the changes in the emulator until it is stopped. */
export function followChanges(aws: LocalAws): Changes & { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  let count = 0;
  const follow = async () => {
    let known = -1;
    while (!signal.aborted) {
      try {
        const latest = await nextChange(aws, known, signal);
        if (latest !== known) count++;
        known = latest;
      } catch {
        count++;
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  };
  const ended = follow();
  return {
    get count() {
      return count;
    },
    stop() {
      stopping.abort();
      return ended;
    },
  };
}

/** Returns a function that calls `read` only if something has changed since its last call, and else repeats its result. */
export function readAfterChange<T>(changes: Changes, read: () => Promise<T>): () => Promise<T> {
  let last: { readonly count: number; readonly result: T } | undefined;
  return async () => {
    // The count is taken before the reading, so that a change during the reading leads to another one.
    const { count } = changes;
    if (last?.count !== count) last = { count, result: await read() };
    return last.result;
  };
}
