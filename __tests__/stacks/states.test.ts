import type { IConstruct } from "constructs";
import { dev } from "../../environments/dev";
import { local } from "../../environments/local";
import { prod } from "../../environments/prod";
import { staging } from "../../environments/staging";
import { platform as inventory } from "../../platforms/inventory/platform";
import { appOf, someAccount, synthesizedStates } from "../support/app";

const environments = [dev, staging, prod];

test("the app is seven states in each of three environments", () => {
  expect(tree(appOf(inventory, environments))).toMatchSnapshot();
});

const states = synthesizedStates(inventory, [someAccount]);

test.each(Object.keys(states))("%s", (name) => {
  expect(states[name]).toMatchSnapshot();
});

test("environments differ in what their files say", () => {
  const all = synthesizedStates(inventory, environments);
  const settings = environments.map(({ name }) => {
    const { resource } = all[`${name}-ecs-service`] as (typeof all)[string];
    return {
      name,
      desiredCount: resource.aws_ecs_service?.service?.desired_count,
      minCapacity: resource.aws_appautoscaling_target?.autoscaling_target?.min_capacity,
      maxCapacity: resource.aws_appautoscaling_target?.autoscaling_target?.max_capacity,
      retentionInDays: resource.aws_cloudwatch_log_group?.log_group?.retention_in_days,
      tableProtected:
        all[`${name}-dynamodb`]?.resource.aws_dynamodb_table?.items?.deletion_protection_enabled,
    };
  });
  expect(settings).toEqual([
    {
      name: "dev",
      desiredCount: 1,
      minCapacity: 1,
      maxCapacity: 2,
      retentionInDays: 7,
      tableProtected: false,
    },
    {
      name: "staging",
      desiredCount: 2,
      minCapacity: 2,
      maxCapacity: 4,
      retentionInDays: 14,
      tableProtected: false,
    },
    {
      name: "prod",
      desiredCount: 2,
      minCapacity: 2,
      maxCapacity: 6,
      retentionInDays: 30,
      tableProtected: true,
    },
  ]);
});

test("every state has a key of its own, both locks, and refuses a wrong account", () => {
  const keys = Object.values(states).map(({ terraform, provider }) => {
    expect(terraform.backend.s3).toMatchObject({
      bucket: "inventory-dev-terraform-state-111111111111",
      encrypt: true,
      dynamodb_table: "inventory-dev-terraform-locks",
      use_lockfile: true,
      allowed_account_ids: ["111111111111"],
    });
    expect(provider.aws).toMatchObject([{ allowed_account_ids: ["111111111111"] }]);
    return terraform.backend.s3.key;
  });
  expect(new Set(keys).size).toBe(7);
});

test("of a placeholder account every resource refuses to be applied", () => {
  const placeholder = synthesizedStates(inventory, [dev]);
  for (const { resource } of Object.values(placeholder)) {
    for (const config of Object.values(resource).flatMap((byName) => Object.values(byName))) {
      expect(config).toMatchObject({
        lifecycle: {
          precondition: [
            {
              condition: "${timestamp() == terraform.workspace}",
              error_message: expect.stringContaining("environments/dev.ts: account") as string,
            },
          ],
        },
      });
    }
  }
});

test("only the local AWS is addressed by path", () => {
  const [network] = [dev.network];
  const localStates = Object.values(synthesizedStates(inventory, [local(network)]));
  for (const { terraform, provider } of localStates) {
    expect(terraform.backend.s3).toMatchObject({ use_path_style: true });
    expect(provider.aws).toMatchObject([{ s3_use_path_style: true, max_retries: 4 }]);
  }
  for (const { terraform, provider } of Object.values(states)) {
    expect(terraform.backend.s3).not.toHaveProperty("use_path_style");
    expect(provider.aws[0]).not.toHaveProperty("s3_use_path_style");
  }
});

/** The construct tree as indented lines, without variables and other helper constructs. */
function tree(construct: IConstruct, depth = 0): string {
  const lines = construct.node.children
    .filter((child) => !HIDDEN.includes(child.node.id))
    .map((child) => `${"  ".repeat(depth)}${child.node.id}\n${tree(child, depth + 1)}`);
  return lines.join("");
}

const HIDDEN = ["aws", "backend", "environment", "region"];
