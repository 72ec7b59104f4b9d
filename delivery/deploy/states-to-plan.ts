import type { Report } from "../report/report";
import type { State } from "../synthesized/states";

/**
 * The states that a deploy plans: all but those in which nothing has changed since their last deploy.
 *
 * Of these it plans the ones in whose reviewed plan something changes, such as the end of a drift: what
 * was reviewed is what a deploy applies.
 *
 * @param unchanged names of the states in which nothing has changed
 * @param reviewed what was reviewed, if anything was
 */
export function statesToPlan(
  states: readonly State[],
  unchanged: ReadonlySet<string>,
  reviewed: Report | undefined,
) {
  return states.filter(({ name }) => {
    const report = reviewed?.states.find(({ state }) => state === name);
    const wasReviewedWithoutChanges = !reviewed || report?.outcome === "no changes";
    return !(unchanged.has(name) && wasReviewedWithoutChanges);
  });
}

/** Names the states that are not planned; nothing when all are. */
export function notPlannedLine(states: readonly State[], toPlan: readonly State[]) {
  const names = states.filter((state) => !toPlan.includes(state)).map(({ name }) => name);
  if (names.length === 0) return undefined;
  return `Not planned, because nothing changed since they were deployed: ${names.join(", ")}; --all plans them too`;
}
