import { differences } from "../../../delivery/report/compare";
import type { ResourceChange, StateReport } from "../../../delivery/report/report";

const change = (over: Partial<ResourceChange> = {}): ResourceChange => ({
  address: "aws_lb.this",
  action: "change",
  stateful: false,
  attributes: { idle_timeout: { before: 60, after: 90 } },
  ...over,
});

const state = (over: Partial<StateReport> = {}): StateReport => ({
  state: "dev-alb",
  outcome: "changes",
  detail: "",
  changes: [change()],
  plan: "",
  ...over,
});

const NO_CHANGES = state({ outcome: "no changes", changes: [] });
const WAITS = state({ outcome: "waits", detail: "dev-alb", changes: [] });
const ERROR = state({ outcome: "error", detail: "no credentials", changes: [] });

test("the same plan differs in nothing, whatever its text", () => {
  expect(differences(state({ plan: "one" }), state({ plan: "two" }))).toEqual([]);
});

test("a different value is reported with its attribute and the reviewed value", () => {
  const attributes = { idle_timeout: { before: 60, after: 4000 } };
  expect(differences(state(), state({ changes: [change({ attributes })] }))).toEqual([
    "dev-alb: aws_lb.this: idle_timeout: reviewed 60 -> 90, now 60 -> 4000",
  ]);
});

test("another value to start from is a difference too", () => {
  const attributes = { idle_timeout: { before: 30, after: 90 } };
  expect(differences(state(), state({ changes: [change({ attributes })] }))).toHaveLength(1);
});

test("an attribute more, an attribute less", () => {
  const more = { ...change().attributes, name: { before: "a", after: "b" } };
  const now = state({ changes: [change({ attributes: more })] });
  expect(differences(state(), now)).toEqual([
    'dev-alb: aws_lb.this: name: reviewed no change, now "a" -> "b"',
  ]);
  expect(differences(now, state())).toEqual([
    'dev-alb: aws_lb.this: name: reviewed "a" -> "b", now no change',
  ]);
});

test("another action, a change more, a change less", () => {
  const replaced = state({ changes: [change({ action: "replace" })] });
  expect(differences(state(), replaced)).toEqual([
    "dev-alb: aws_lb.this: reviewed change, now replace",
  ]);
  const more = state({ changes: [change(), change({ address: "aws_lb.b", action: "destroy" })] });
  expect(differences(state(), more)).toEqual([
    "dev-alb: aws_lb.b: reviewed no change, now destroy",
  ]);
  expect(differences(more, state())).toEqual([
    "dev-alb: aws_lb.b: reviewed destroy, now no change",
  ]);
});

test("a state with nothing left to change counts as equal, so that an interrupted deploy can continue", () => {
  expect(differences(state(), NO_CHANGES)).toEqual([]);
});

test("a state that was not reviewed, or could not be planned then or now, is a difference", () => {
  expect(differences(undefined, state())).toEqual(["dev-alb: was not reviewed"]);
  expect(differences(ERROR, state())).toEqual(["dev-alb: was reviewed with an error"]);
  expect(differences(state(), ERROR)).toEqual(["dev-alb: cannot be planned: no credentials"]);
  expect(differences(NO_CHANGES, state())).toHaveLength(1);
});

test("a state that waited then may only add now", () => {
  const added = change({ action: "add" });
  expect(differences(WAITS, state({ changes: [added] }))).toEqual([]);
  expect(differences(WAITS, state({ changes: [added, change({ action: "destroy" })] }))).toEqual([
    "dev-alb: destroy aws_lb.this: was not part of the reviewed plan",
  ]);
});

test("a state that waits now was reviewed only if it waited then", () => {
  expect(differences(WAITS, WAITS)).toEqual([]);
  expect(differences(state(), WAITS)).toEqual(["dev-alb: waits for dev-alb now"]);
});
