/** Loaded before each program of the benchmark: ends with its parent, and answers its questions. */

export interface Memory {
  /** MB that the process holds. */
  readonly rss: number;
  /** MB of the heap that are in use after a full garbage collection. */
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

/** Processor time that the process has taken since it began. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / SECOND_US;
}
