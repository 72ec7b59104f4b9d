import { performance } from "node:perf_hooks";

/** Something to measure, by name. */
export interface Side {
  readonly name: string;
  readonly run: () => unknown;
}

/**
 * Runs two sides in turn, A B A B, so that a machine that slows down slows both, and prints their
 * times and the ratio A/B of the medians.
 */
export async function comparePairs(title: string, a: Side, b: Side, rounds: number) {
  const times = { a: [] as number[], b: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.a.push(await secondsOf(a));
    times.b.push(await secondsOf(b));
  }
  printRatio(title, [a.name, times.a], [b.name, times.b]);
}

export function printRatio(
  title: string,
  [nameA, secondsA]: readonly [string, readonly number[]],
  [nameB, secondsB]: readonly [string, readonly number[]],
) {
  const [a, b] = [median(secondsA), median(secondsB)];
  console.log(`\n${title}: ${(a / b).toFixed(2)}`);
  console.log(`  ${a.toFixed(2).padStart(7)} s  ${nameA}`);
  console.log(`  ${b.toFixed(2).padStart(7)} s  ${nameB}`);
}

export async function secondsOf({ run }: Side) {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}

function median(values: readonly number[]) {
  const sorted = [...values].sort((x, y) => x - y);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("nothing was measured");
  return middle;
}
