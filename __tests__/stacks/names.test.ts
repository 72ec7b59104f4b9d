import { prod } from "../../environments/prod";
import { definePlatform, type Platform } from "../../model/platform";
import type { Service } from "../../model/service";
import type { Table } from "../../model/table";
import { platform as inventory } from "../../platforms/inventory/platform";
import { Names } from "../../stacks/contract/names";
import { someAccount, type StateConfig, synthesizedStates } from "../support/app";
import { manyServices } from "../support/platforms";

const [service] = inventory.services as [Service];
const [table] = inventory.tables as [Table];

/** A platform whose services and tables have these names. */
const named = (...names: string[]): Platform =>
  definePlatform({
    file: __filename,
    name: "shop",
    services: names.map((name, i) => ({
      ...service,
      name,
      grants: [],
      route: { priority: i + 1, paths: [`/${name}/*`], healthCheckPath: "/health" },
    })),
    tables: names.map((name) => ({ ...table, name })),
  });

// Names of constructs in this project and in CDKTF, and of parts of other services and tables.
const TAKEN = [
  "backend",
  "aws",
  "region",
  "environment",
  "load-balancer",
  "alb",
  "cluster",
  "ecs-service",
  "shop",
  "this",
  "parts",
  "vpc-id",
  "http",
  "rule",
  "lifecycle",
  "policy",
  "web",
  "web-rule",
  "web-lifecycle",
  "web-policy",
  "web-execution",
  "web-execution-policy",
  "web-task",
  "web-task-policy",
];

test("services and tables may be called like anything else", () => {
  const states = synthesizedStates(named(...TAKEN), [someAccount]);
  const names = (state: string, type: string) =>
    Object.values(states[state]?.resource[type] ?? {}).map(({ name }) => name);
  for (const [state, type] of [
    ["dev-alb", "aws_lb_target_group"],
    ["dev-ecr", "aws_ecr_repository"],
    ["dev-dynamodb", "aws_dynamodb_table"],
  ] as const) {
    expect(new Set(names(state, type)).size).toBe(TAKEN.length);
  }
  expect(new Set(names("dev-iam", "aws_iam_role")).size).toBe(2 * TAKEN.length);
  expect(Object.keys(states["dev-ecr"]?.resource.aws_ecr_repository ?? {})).toContain(
    "load_balancer",
  );
});

test("a routed service of a long name has a target group, whose name ends in a hash", () => {
  const states = synthesizedStates(named("notifications", "notification-s"), [
    { ...someAccount, name: "prod" },
  ]);
  const groups = states["prod-alb"]?.resource.aws_lb_target_group ?? {};
  expect(Object.fromEntries(Object.entries(groups).map(([id, { name }]) => [id, name]))).toEqual({
    notifications: "shop-prod-notifications-8080",
    notification_s: "shop-prod-notification-s-8080",
  });
  const names = new Names({ ...inventory, name: "inventory" }, prod);
  const target = (name: string) => names.targetGroup({ ...service, name });
  expect(target("notifications")).toMatch(/^inventory-prod-notifica-[0-9a-f]{8}$/);
  expect(target("notifications")).not.toBe(target("notifications2"));
});

test("the longest names that the rules allow fit everywhere", () => {
  const platform = { ...named("n".repeat(20)), name: "p".repeat(12) };
  const environment = { ...someAccount, name: "e".repeat(10) };
  const states = synthesizedStates(platform, [environment]);
  const prefix = `${platform.name}-${environment.name}-`;
  const group = states[`${environment.name}-alb`]?.resource.aws_lb_target_group;
  // The deploy role may create only target groups whose name has this prefix.
  const [{ name } = { name: "" }] = Object.values(group ?? {});
  expect(String(name)).toMatch(new RegExp(`^${prefix}[0-9a-f]{8}$`));
  expect(String(name).length).toBeLessThanOrEqual(32);
});

test("names that are too long together stop synth and say which files name them", () => {
  expect(() => synthesizedStates({ ...inventory, name: "p".repeat(20) }, [someAccount])).toThrow(
    'platforms/inventory/platform.ts: name is "pppppppppppppppppppp", expected at most 19 characters beside environments/dev.ts: name "dev"',
  );
});

test("a platform whose name contains the environment's name stops synth, because its names could be another's", () => {
  expect(() => synthesizedStates({ ...inventory, name: "shop-dev" }, [someAccount])).toThrow(
    'platforms/inventory/platform.ts: name is "shop-dev", expected a name without the part "dev", which is the name of an environment (environments/dev.ts)',
  );
  expect(() =>
    synthesizedStates({ ...inventory, name: "shop-devices" }, [someAccount]),
  ).not.toThrow();
});

test("two platforms, and two copies of one, share no name in one account", () => {
  const platforms = [
    manyServices,
    { ...manyServices, name: "inventory-two" },
    named("shop", "web"),
  ];
  const staging = { ...someAccount, name: "staging" };
  const names = platforms.flatMap((platform) =>
    Object.values(synthesizedStates(platform, [someAccount, staging])).flatMap(uniqueNamesOf),
  );
  expect(names.length).toBeGreaterThan(100);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

/**
 * The names that must be unique in an account, as `<resource type> <name>`, and the key of the
 * state.
 */
function uniqueNamesOf({ resource, terraform }: StateConfig) {
  const names = Object.entries(resource)
    .filter(([type]) => !UNIQUE_ELSEWHERE.includes(type))
    .flatMap(([type, byId]) =>
      Object.values(byId)
        .map(({ name, family, bucket }) => name ?? family ?? bucket)
        .filter((name) => typeof name === "string" && !name.startsWith("${"))
        .map((name) => `${type} ${String(name)}`),
    );
  const { bucket, key } = terraform.backend.s3;
  return [...names, `state ${String(bucket)}/${String(key)}`];
}

/** The names of these resources must be unique only in a role or on a scalable target. */
const UNIQUE_ELSEWHERE = ["aws_iam_role_policy", "aws_appautoscaling_policy"];
