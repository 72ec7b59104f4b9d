import { notPlannedLine, statesToPlan } from "../../../delivery/deploy/states-to-plan";
import type { StateReport } from "../../../delivery/report/report";
import { state } from "./state";

const states = [state("dev-alb"), state("dev-iam"), state("dev-ecs-service")];
const unchanged = new Set(["dev-alb", "dev-iam"]);

const namesOf = (...outcomes: readonly (readonly [string, StateReport["outcome"]])[]) =>
  statesToPlan(states, unchanged, {
    environment: "dev",
    images: {},
    states: outcomes.map(([name, outcome]) => ({
      state: name,
      outcome,
      detail: "",
      changes: [],
      plan: "",
    })),
  }).map(({ name }) => name);

test("a deploy plans the states that have changed, and names the others", () => {
  const toPlan = statesToPlan(states, unchanged, undefined);
  expect(toPlan.map(({ name }) => name)).toEqual(["dev-ecs-service"]);
  expect(notPlannedLine(states, toPlan)).toBe(
    "Not planned, because nothing changed since they were deployed: dev-alb, dev-iam; --all plans them too",
  );
  expect(notPlannedLine(states, states)).toBeUndefined();
});

test("a state that was reviewed without changes is not planned when nothing has changed since", () => {
  const none = "no changes";
  expect(namesOf(["dev-alb", none], ["dev-iam", none], ["dev-ecs-service", none])).toEqual([
    "dev-ecs-service",
  ]);
});

test.each(["changes", "waits", "error"] as const)(
  "a state that was reviewed with the outcome %s is planned",
  (outcome) => {
    expect(namesOf(["dev-alb", outcome], ["dev-iam", "no changes"])).toEqual([
      "dev-alb",
      "dev-ecs-service",
    ]);
  },
);

test("a state that was not reviewed is planned", () => {
  expect(namesOf(["dev-alb", "no changes"])).toEqual(["dev-iam", "dev-ecs-service"]);
});
