import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waits until `condition` returns a truthy value, and returns it. A condition that throws counts as
 * false.
 *
 * @throws Error naming `what` at the deadline
 */
export async function waitUntil<T>(
  what: string,
  condition: () => Promise<T> | T,
  timeoutMs = 30_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const answer = await condition();
      if (answer) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    await sleep(100);
  }
  throw new Error(`not in ${timeoutMs} ms: ${what}; at the end: ${String(last)}`);
}
