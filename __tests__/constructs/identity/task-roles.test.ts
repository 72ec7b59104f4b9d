import { TaskRoles } from "../../../constructs/identity/task-roles";
import { parsed, synthesized } from "../../support/synthesized";

const TABLE = "arn:aws:dynamodb:eu-west-1:111111111111:table/items";
const BOUNDARY = "arn:aws:iam::111111111111:policy/boundary";
const INDEX = `${TABLE}/index/by-quantity`;

const roles = (tables: { arn: string; actions: string[] }[], secretArns: string[] = []) =>
  synthesized((scope) => {
    new TaskRoles(scope, "api", {
      account: "111111111111",
      region: "eu-west-1",
      executionRoleName: "execution",
      taskRoleName: "task",
      permissionsBoundaryArn: BOUNDARY,
      repositoryArn: "arn:aws:ecr:eu-west-1:111111111111:repository/api",
      logGroupArn: "arn:aws:logs:eu-west-1:111111111111:log-group:/ecs/api",
      secretArns,
      tables,
    });
  });

test("only ECS, acting for this account and region, can assume them", () => {
  for (const role of roles([]).all("aws_iam_role")) {
    expect(parsed(role.assume_role_policy).Statement).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: "ecs-tasks.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: {
          StringEquals: { "aws:SourceAccount": "111111111111" },
          ArnLike: { "aws:SourceArn": "arn:aws:ecs:eu-west-1:111111111111:*" },
        },
      },
    ]);
  }
});

test("neither can go beyond the boundary", () => {
  const boundaries = roles([])
    .all("aws_iam_role")
    .map((role) => role.permissions_boundary);
  expect(boundaries).toEqual([BOUNDARY, BOUNDARY]);
});

test("the execution role pulls from its repository and writes to its log group, no more", () => {
  const policy = roles([]).one("aws_iam_role_policy");
  expect(policy.role).toContain("execution");
  expect(parsed(policy.policy).Statement).toEqual([
    expect.objectContaining({ Action: "ecr:GetAuthorizationToken", Resource: "*" }),
    expect.objectContaining({
      Action: [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
      ],
      Resource: "arn:aws:ecr:eu-west-1:111111111111:repository/api",
    }),
    expect.objectContaining({
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: "arn:aws:logs:eu-west-1:111111111111:log-group:/ecs/api:log-stream:*",
    }),
  ]);
});

test("the task role may do exactly the given actions on the given tables and indexes", () => {
  const policies = roles([
    { arn: TABLE, actions: ["PutItem", "GetItem"] },
    { arn: INDEX, actions: ["Query"] },
  ]).all("aws_iam_role_policy");
  const policy = policies.find(({ role }) => (role as string).includes("_task_"));
  expect(parsed(policy?.policy).Statement).toEqual([
    { Effect: "Allow", Action: ["dynamodb:GetItem", "dynamodb:PutItem"], Resource: TABLE },
    { Effect: "Allow", Action: ["dynamodb:Query"], Resource: INDEX },
  ]);
});

test("without a table the task role has no permission at all", () => {
  expect(roles([]).all("aws_iam_role_policy")).toHaveLength(1);
});

test("the execution role may read the values of the given secrets, and the task role may not", () => {
  const secret = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:db-??????";
  const policies = roles([{ arn: TABLE, actions: ["GetItem"] }], [secret]).all(
    "aws_iam_role_policy",
  );
  const [execution, task] = policies.map(({ policy }) => parsed(policy).Statement);
  expect(execution).toContainEqual({
    Sid: "ReadSecrets",
    Effect: "Allow",
    Action: "secretsmanager:GetSecretValue",
    Resource: [secret],
  });
  expect(JSON.stringify(task)).not.toContain("secretsmanager");
});
