/** CPU and memory of one Fargate task. */
export interface FargateSize {
  /** CPU units. One vCPU has 1024. */
  readonly cpu: number;
  readonly memoryMiB: number;
}

const gib = (from: number, to: number, step = 1) =>
  Array.from({ length: (to - from) / step + 1 }, (_, i) => (from + i * step) * 1024);

/**
 * The sizes that Fargate offers on Linux: the amounts of memory in MiB, by CPU units.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
 */
const MEMORY_BY_CPU: Readonly<Record<number, readonly number[]>> = {
  256: [512, 1024, 2048],
  512: gib(1, 4),
  1024: gib(2, 8),
  2048: gib(4, 16),
  4096: gib(8, 30),
  8192: gib(16, 60, 4),
  16384: gib(32, 120, 8),
};

/** Returns what is wrong with `size`, or `undefined` when Fargate offers it. */
export function fargateSizeProblem(size: FargateSize) {
  const memory = MEMORY_BY_CPU[size.cpu];
  if (!memory) {
    return { field: "cpu", value: size.cpu, allowed: `one of ${listCpus()}` };
  }
  if (!memory.includes(size.memoryMiB)) {
    return {
      field: "memoryMiB",
      value: size.memoryMiB,
      allowed: `with cpu ${size.cpu} one of ${memory.join(", ")}`,
    };
  }
  return undefined;
}

const listCpus = () => Object.keys(MEMORY_BY_CPU).join(", ");
