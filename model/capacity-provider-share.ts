import { outside, type Problem } from "./problem";

/** One item of a capacity provider strategy: the share of the tasks that run on one capacity provider. */
export interface CapacityProviderShare {
  readonly capacityProvider: "FARGATE" | "FARGATE_SPOT";
  /** Relative share of the tasks that are beyond every `base`. */
  readonly weight: number;
  /** The number of tasks that run on this capacity provider before the weights apply. @default 0 */
  readonly base?: number;
}

export function* strategyProblems(strategy: readonly CapacityProviderShare[]): Iterable<Problem> {
  const field = "capacityProviderStrategy";
  for (const [i, { capacityProvider, weight, base = 0 }] of strategy.entries()) {
    yield* outside(`${field}.${capacityProvider}.weight`, weight, 0, 1000);
    yield* outside(`${field}.${capacityProvider}.base`, base, 0, 100_000);
    if (strategy.findIndex((other) => other.capacityProvider === capacityProvider) < i) {
      yield { field, value: capacityProvider, allowed: "each capacity provider once" };
    }
  }
  if (strategy.filter(({ base = 0 }) => base > 0).length > 1) {
    yield { field, value: strategy, allowed: "a base for one capacity provider at most" };
  }
  if (!strategy.some(({ weight }) => weight > 0)) {
    yield {
      field: "capacityProviderStrategy",
      value: strategy,
      allowed: "one capacity provider or more with a weight above 0",
    };
  }
}
