import { platform as inventory } from "../../platforms/inventory/platform";
import { someAccount, synthesizedStates } from "../support/app";
import { parsed } from "../support/synthesized";
import { manyServices, withoutTables, withSecrets } from "../support/platforms";

describe("without tables", () => {
  const states = synthesizedStates(withoutTables, [someAccount]);

  test("there is no dynamodb state", () => {
    expect(Object.keys(states)).not.toContain("dev-dynamodb");
  });

  test("the task role has no permission", () => {
    expect(Object.keys(states["dev-iam"]?.resource.aws_iam_role_policy ?? {})).toEqual([
      "inventory_execution_policy",
    ]);
  });

  test("the container gets no table names", () => {
    expect(JSON.stringify(states["dev-ecs-service"])).not.toContain("ITEMS_TABLE");
  });
});

describe("many services", () => {
  const states = synthesizedStates(manyServices, [someAccount]);

  test("each has a state of its own; the main one's is the bare name", () => {
    expect(Object.keys(states).filter((name) => name.includes("ecs-service"))).toEqual([
      "dev-ecs-service",
      "dev-ecs-service-admin",
      "dev-ecs-service-worker",
    ]);
  });

  test("each has a repository and roles", () => {
    expect(Object.keys(states["dev-ecr"]?.resource.aws_ecr_repository ?? {})).toEqual([
      "admin",
      "inventory",
      "worker",
    ]);
    expect(Object.keys(states["dev-iam"]?.resource.aws_iam_role ?? {})).toHaveLength(6);
  });

  test("only the routed ones have a target group, at their rule's priority", () => {
    const rules = states["dev-alb"]?.resource.aws_lb_listener_rule ?? {};
    expect(
      Object.fromEntries(Object.entries(rules).map(([name, { priority }]) => [name, priority])),
    ).toEqual({
      admin_rule: 10,
      inventory_rule: 100,
    });
  });

  test("nothing can reach the internal one, and it reads no other state", () => {
    const worker = states["dev-ecs-service-worker"];
    expect(worker?.resource).not.toHaveProperty("aws_vpc_security_group_ingress_rule");
    expect(worker?.data).not.toHaveProperty("terraform_remote_state");
    expect(worker?.resource.aws_ecs_service?.service).not.toHaveProperty("load_balancer");
  });

  test("one can have its own size", () => {
    const taskDefinition = (state: string) =>
      states[state]?.resource.aws_ecs_task_definition?.task_definition;
    expect(taskDefinition("dev-ecs-service-worker")).toMatchObject({ cpu: "1024", memory: "2048" });
    expect(taskDefinition("dev-ecs-service-admin")).toMatchObject({ cpu: "256", memory: "512" });
  });

  test("a table is open only to the services that it names", () => {
    const policies = states["dev-iam"]?.resource.aws_iam_role_policy ?? {};
    expect(Object.keys(policies).filter((name) => name.endsWith("task_policy"))).toEqual([
      "inventory_task_policy",
    ]);
    expect(JSON.stringify(states["dev-ecs-service-admin"])).not.toContain("ITEMS_TABLE");
  });
});

describe("secrets", () => {
  const states = synthesizedStates(withSecrets, [
    someAccount,
    { ...someAccount, name: "prod", deletionProtection: true, unauthenticated: "a test" },
  ]);

  test("they are created without values, and can be restored where the environment is protected", () => {
    for (const [environment, days] of [
      ["dev", 0],
      ["prod", 30],
    ] as const) {
      const resource = states[`${environment}-secrets`]?.resource;
      expect(Object.keys(resource ?? {})).toEqual(["aws_secretsmanager_secret"]);
      expect(resource?.aws_secretsmanager_secret).toMatchObject({
        api_key: {
          name: `inventory-${environment}-api-key`,
          description: "A text",
          recovery_window_in_days: days,
        },
        database: {
          name: `inventory-${environment}-database`,
          description: "A JSON object with the keys user, password",
        },
      });
    }
  });

  test("only the execution role of the service that uses them may read them", () => {
    const policies = states["dev-iam"]?.resource.aws_iam_role_policy ?? {};
    const arn = (name: string) =>
      `arn:aws:secretsmanager:eu-west-1:111111111111:secret:inventory-dev-${name}-??????`;
    const readers = Object.entries(policies).filter(([, { policy }]) =>
      (policy as string).includes("secretsmanager"),
    );
    expect(readers.map(([name]) => name)).toEqual(["inventory_execution_policy"]);
    expect(parsed(readers[0]?.[1].policy).Statement).toContainEqual(
      expect.objectContaining({ Resource: [arn("api-key"), arn("database")] }),
    );
  });

  test("the task definition refers to them, and only texts and outputs are in its environment", () => {
    const { container_definitions } = states["dev-ecs-service"]?.resource.aws_ecs_task_definition
      ?.task_definition as { readonly container_definitions: string };
    const arns = "data.terraform_remote_state.remote_state_secrets.outputs.secret_arns";
    const secrets = [
      `{"name" = "API_KEY", "valueFrom" = ${arns}["api-key"]}`,
      `{"name" = "DB_USER", "valueFrom" = join("", [${arns}.database, ":user::"])}`,
      `{"name" = "DB_PASSWORD", "valueFrom" = join("", [${arns}.database, ":password::"])}`,
    ];
    expect(container_definitions).toContain(`"secrets" = [${secrets.join(", ")}]`);
    expect(container_definitions).toContain(
      `{"name" = "API_ENDPOINT", "value" = join("", ["http://", data.terraform_remote_state.remote_state_alb.outputs.dns_name, "/api"])}`,
    );
    expect(container_definitions).not.toContain('{"name" = "API_KEY", "value" ');
  });

  test("a service that uses none does not depend on them, and a platform without any has no such state", () => {
    expect(states["dev-ecs-service-worker"]?.data).not.toHaveProperty("terraform_remote_state");
    expect(synthesizedStates(inventory, [someAccount])).not.toHaveProperty("dev-secrets");
  });
});

test("the inventory's task role has exactly the permissions that its API needs, per table", () => {
  const { "dev-iam": iam } = synthesizedStates(inventory, [someAccount]);
  const policy = parsed(iam?.resource.aws_iam_role_policy?.inventory_task_policy?.policy);
  const arn = (table: string) =>
    `arn:aws:dynamodb:eu-west-1:111111111111:table/inventory-dev-${table}`;
  expect(policy.Statement).toEqual([
    {
      Effect: "Allow",
      Action: [
        "dynamodb:BatchGetItem",
        "dynamodb:DeleteItem",
        "dynamodb:PutItem",
        "dynamodb:Scan",
        "dynamodb:UpdateItem",
      ],
      Resource: arn("items"),
    },
    { Effect: "Allow", Action: ["dynamodb:Query"], Resource: arn("items/index/by-quantity") },
    {
      Effect: "Allow",
      Action: ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"],
      Resource: arn("claims"),
    },
  ]);
});
