/**
 * This module is loaded before each program of the benchmark. It ends the program with its parent
 * process, and answers the parent's questions.
 */

export interface Memory {
  /** The memory of the process, in MB. */
  readonly rss: number;
  /** The heap in use after a full garbage collection, in MB. */
  readonly heap: number;
}

const MB = 1e6;
const SECOND_US = 1e6;

process.once("disconnect", () => process.exit());
process.on("message", (question) => {
  if (question === "memory") process.send?.(memory());
  if (question === "cpuSeconds") process.send?.(cpuSeconds());
});

function memory(): Memory {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss: rss / MB, heap: heapUsed / MB };
}

/** The processor time in seconds that the process has used since it started. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / SECOND_US;
}
