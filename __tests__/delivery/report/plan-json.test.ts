import { changesOf, type PlanJson } from "../../../delivery/report/plan-json";

type Change = NonNullable<PlanJson["resource_changes"]>[number]["change"];

/** The only change of a plan that changes one resource. */
function changeOf(change: Partial<Change>, type = "aws_ecs_service") {
  const whole: Change = { actions: ["update"], before: {}, after: {}, ...change };
  const resource = { address: `${type}.this`, type, change: whole };
  return changesOf({ resource_changes: [resource] })[0];
}

test.each([
  [["create"], "add"],
  [["update"], "change"],
  [["delete"], "destroy"],
  [["create", "delete"], "replace"],
  [["delete", "create"], "replace"],
  [["forget"], "forget"],
])("Terraform's %j is: %s", (actions, action) => {
  expect(changeOf({ actions })).toMatchObject({ address: "aws_ecs_service.this", action });
});

test.each([[["no-op"]], [["read"]]])("%j changes nothing", (actions) => {
  expect(changeOf({ actions })).toBeUndefined();
});

test("only the attributes that differ are told, whole", () => {
  const before = { name: "a", tags: { State: "alb", Owner: "x" }, ports: [80] };
  const after = { name: "a", tags: { State: "alb", Owner: "y" }, ports: [80] };
  expect(changeOf({ before, after })?.attributes).toEqual({
    tags: { before: before.tags, after: after.tags },
  });
});

test("values that are known only after the apply are marked, in lists and objects too", () => {
  const before = { arn: "arn:1", rules: [{ id: "1", port: 80 }] };
  const after = { rules: [{ port: 80 }] };
  const after_unknown = { arn: true, rules: [{ id: true }] };
  expect(changeOf({ before, after, after_unknown })?.attributes).toEqual({
    arn: { before: "arn:1", after: "(known after apply)" },
    rules: {
      before: [{ id: "1", port: 80 }],
      after: [{ id: "(known after apply)", port: 80 }],
    },
  });
});

test("a secret is never shown, neither before nor after", () => {
  const change = changeOf({
    before: { password: "old", login: { name: "a", token: "secret1" } },
    after: { password: "new", login: { name: "b", token: "secret2" } },
    before_sensitive: { password: true, login: { token: true } },
    after_sensitive: { password: true, login: { token: true } },
  });
  expect(JSON.stringify(change)).not.toMatch(/old|new|secret/);
  expect(change?.attributes.login).toEqual({
    before: { name: "a", token: "(sensitive)" },
    after: { name: "b", token: "(sensitive)" },
  });
});

test.each([
  ["aws_dynamodb_table", true],
  ["aws_s3_bucket", true],
  ["aws_lb", false],
])("whether data is lost with a %s: %s", (type, stateful) => {
  expect(changeOf({ actions: ["delete"] }, type)).toMatchObject({ stateful });
});

test("outputs come last, by their names, with what they were and will be", () => {
  const change = (before: unknown, after: unknown): Change => ({
    actions: [before === null ? "create" : "update"],
    before,
    after,
  });
  const changes = changesOf({
    resource_changes: [
      { address: "b.b", type: "b", change: { actions: ["create"], before: null, after: {} } },
      { address: "a.a", type: "a", change: { actions: ["create"], before: null, after: {} } },
    ],
    output_changes: { url: change("a", "b"), arns: change(null, { api: "x" }) },
  });
  expect(changes.map(({ address }) => address)).toEqual([
    "a.a",
    "b.b",
    "output.arns",
    "output.url",
  ]);
  expect(changes[3]?.attributes).toEqual({ value: { before: "a", after: "b" } });
});
