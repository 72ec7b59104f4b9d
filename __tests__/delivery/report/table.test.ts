import type { ResourceChange, Report, StateReport } from "../../../delivery/report/report";
import { exitCodeOf } from "../../../delivery/report/report";
import { fullPlans, summaryTable } from "../../../delivery/report/table";

const change = (action: ResourceChange["action"], address: string, stateful = false) => ({
  address,
  action,
  stateful,
  attributes: {},
});

const state = (name: string, over: Partial<StateReport> = {}): StateReport => ({
  state: name,
  outcome: "no changes",
  detail: "",
  changes: [],
  plan: "",
  ...over,
});

const changed = (name: string, ...changes: ResourceChange[]) =>
  state(name, { outcome: "changes", changes, plan: `Plan of ${name}` });

const report = (environment: string, ...states: StateReport[]): Report => ({
  environment,
  images: { api: "0123456789012345678901234567890123456789" },
  states,
});

const dev = report(
  "dev",
  changed(
    "dev-alb",
    change("add", "a.a"),
    change("add", "a.b"),
    change("change", "a.c"),
    change("replace", "a.d"),
    change("destroy", "a.e"),
    change("change", "output.dns_name"),
  ),
  state("dev-iam"),
);
const prod = report(
  "prod",
  changed("prod-alb", change("change", "output.dns_name")),
  state("prod-iam", { outcome: "error", detail: "no `credentials`" }),
  state("prod-ecs-service", { outcome: "waits", detail: "prod-alb" }),
);

test("a row for each state, a column for each environment, and counts of what changes", () => {
  expect(summaryTable([dev, prod]).split("\n")).toEqual([
    "| State | dev | prod |",
    "| --- | --- | --- |",
    "| alb | +2 ~1 ±1 -1 | outputs only |",
    "| iam | no changes | **error** |",
    "| ecs-service |  | waits for prod-alb |",
  ]);
});

test("whatever holds data and is replaced or destroyed is called out", () => {
  const states = changed(
    "dev-dynamodb",
    change("replace", "aws_dynamodb_table.items", true),
    change("destroy", "aws_dynamodb_table.claims", true),
    change("change", "aws_dynamodb_table.kept", true),
    change("destroy", "aws_lb.gone"),
  );
  const lines = summaryTable([report("dev", states)]).split("\n");
  expect(lines.slice(4)).toEqual([
    "> [!CAUTION]",
    "> **Data is lost with these:**",
    "> - `dev-dynamodb`: replace `aws_dynamodb_table.items`",
    "> - `dev-dynamodb`: destroy `aws_dynamodb_table.claims`",
  ]);
});

test("a full plan is behind a fold, in a fence that it cannot end", () => {
  const plan = "before\n```\n</details>\n````\nafter";
  const text = fullPlans([report("dev", state("dev-alb", { outcome: "changes", plan }))], 10_000);
  expect(text).toBe(
    `<details><summary>dev-alb</summary>\n\n\`\`\`\`\`\n${plan}\n\`\`\`\`\`\n\n</details>`,
  );
});

test("an error is shown completely, and states with nothing to show are left out", () => {
  const text = fullPlans([prod], 10_000);
  expect(text).toContain("no `credentials`");
  expect(text).not.toContain("prod-ecs-service");
});

test("plans that do not fit are named, and what is shown is whole", () => {
  const long = (name: string) =>
    state(name, { outcome: "changes", plan: `${name} `.repeat(100).trim() });
  const both = [report("dev", long("dev-alb"), long("dev-iam"))];
  const whole = fullPlans(both, 10_000);
  const cut = fullPlans(both, whole.length - 1);
  expect(cut.length).toBeLessThan(whole.length);
  expect(cut.match(/<details>/g)).toHaveLength(1);
  expect(cut.match(/<\/details>/g)).toHaveLength(1);
  expect(cut).toMatch(/Too long to be shown here; the artifacts have the full plans: `dev-iam`$/);
});

test.each([
  ["no changes" as const, 0],
  ["changes" as const, 2],
  ["waits" as const, 2],
  ["error" as const, 1],
])("with %s the exit code is %i", (outcome, exitCode) => {
  expect(exitCodeOf(report("dev", state("dev-iam"), state("dev-alb", { outcome })))).toBe(exitCode);
});

test("an error outweighs changes", () => {
  expect(exitCodeOf(prod)).toBe(1);
});
