import { outside, type Problem } from "./problem";

/** How many tasks each service runs. */
export interface Scaling {
  /** The number of tasks at creation; autoscaling changes it afterwards. */
  readonly desiredCount: number;
  readonly minCapacity: number;
  readonly maxCapacity: number;
  /** The average CPU utilization that autoscaling keeps the service at. */
  readonly targetCpuPercent: number;
}

export function* scalingProblems(scaling: Scaling): Iterable<Problem> {
  const { desiredCount, minCapacity, maxCapacity } = scaling;
  yield* outside("scaling.minCapacity", minCapacity, 0, 5000);
  yield* outside("scaling.maxCapacity", maxCapacity, 1, 5000);
  yield* outside("scaling.targetCpuPercent", scaling.targetCpuPercent, 1, 100);
  if (minCapacity > maxCapacity) {
    yield {
      field: "scaling.minCapacity",
      value: minCapacity,
      allowed: `at most scaling.maxCapacity (${maxCapacity})`,
    };
  } else {
    yield* outside("scaling.desiredCount", desiredCount, minCapacity, maxCapacity);
  }
}
