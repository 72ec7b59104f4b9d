import type { Report } from "../report/report";
import type { State } from "../synthesized/states";

/**
 * The states that a deploy plans: all except those in which nothing has changed since their last deploy.
 *
 * A state whose reviewed plan has changes is planned in any case, for example to undo a manual change, because a
 * deploy applies what was reviewed.
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

/** Returns a line that names the states that are not planned; `undefined` when all are planned. */
export function notPlannedLine(states: readonly State[], toPlan: readonly State[]) {
  const names = states.filter((state) => !toPlan.includes(state)).map(({ name }) => name);
  if (names.length === 0) return undefined;
  return `Not planned, because nothing changed since they were deployed: ${names.join(", ")}; --all plans them too`;
}
