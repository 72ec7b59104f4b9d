import { outside, type Problem } from "./problem";

/** Where tasks run: on `FARGATE`, on `FARGATE_SPOT`, or shared between them. */
export interface CapacityProviderShare {
  readonly capacityProvider: "FARGATE" | "FARGATE_SPOT";
  /** Share of the tasks beyond `base`. */
  readonly weight: number;
  /** Tasks that run here before weights count. @default 0 */
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
