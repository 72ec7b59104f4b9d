import { platform as inventory } from "../../platforms/inventory/platform";
import { someAccount, synthesizedStates } from "../support/app";
import { parsed } from "../support/synthesized";
import { manyServices, withoutTables } from "../support/platforms";

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
