import { performance } from "node:perf_hooks";

/** A named function to measure. */
export interface Side {
  readonly name: string;
  readonly run: () => unknown;
}

/**
 * Runs two functions in the order A B A B, so that a machine that slows down affects both. Prints
 * their times and the ratio A/B of the medians.
 */
export async function comparePairs(title: string, a: Side, b: Side, rounds: number) {
  const times = { a: [] as number[], b: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.a.push(await secondsOf(a));
    times.b.push(await secondsOf(b));
  }
  printRatio(title, [a.name, times.a], [b.name, times.b]);
}

/** Prints the medians of A and B and their ratio A/B. */
export function printRatio(
  title: string,
  [nameA, valuesA]: readonly [string, readonly number[]],
  [nameB, valuesB]: readonly [string, readonly number[]],
  unit = "s",
) {
  const [a, b] = [median(valuesA), median(valuesB)];
  console.log(`\n${title}: ${(a / b).toFixed(2)}`);
  for (const [value, name] of [
    [a, nameA],
    [b, nameB],
  ] as const) {
    console.log(`  ${value.toFixed(value < 1000 ? 2 : 0).padStart(7)} ${unit}  ${name}`);
  }
}

export async function secondsOf({ run }: Side) {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}

export function median(values: readonly number[]) {
  const sorted = [...values].sort((x, y) => x - y);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("nothing was measured");
  return middle;
}
