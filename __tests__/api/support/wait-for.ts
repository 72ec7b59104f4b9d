import { setTimeout as sleep } from "node:timers/promises";

/** Resolves with the first value of `probe` that is not undefined; rejects after `deadlineMs`. */
export async function waitFor<Value>(
  what: string,
  probe: () => Value | undefined | Promise<Value | undefined>,
  deadlineMs = 10_000,
): Promise<Value> {
  const end = Date.now() + deadlineMs;
  while (Date.now() < end) {
    const value = await probe();
    if (value !== undefined) return value;
    await sleep(10);
  }
  throw new Error(`Waited ${deadlineMs} ms in vain for ${what}`);
}
