import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
} from "@aws-sdk/client-ecr";
import {
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from "@aws-sdk/client-ecs";
import {
  AttachRolePolicyCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  IAMClient,
  ListRolesCommand,
} from "@aws-sdk/client-iam";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { OUR_TAGS, createService, tableOf } from "../support/emulated-resources";
import { allow, allowAll, policyDocument, roleWith } from "../support/emulated-role";
import { accessesOf, neededBy } from "../support/iam-accesses";
import { autoscalingCall } from "../support/raw-call";
import { uniqueName } from "../support/unique-name";
import { useEmulator } from "../support/use-emulator";

const aws = useEmulator();

const denied = { name: "AccessDeniedException" };
const tableArn = (table: string) => aws.arn("dynamodb", `table/${table}`);

test("what was asked, and what was decided, can be read", async () => {
  const role = await roleWith(aws, allow("dynamodb:ListTables"));
  const dynamodb = new DynamoDBClient(role.config);
  await dynamodb.send(new ListTablesCommand({}));
  await dynamodb.send(new ListTablesCommand({}));
  await expect(new S3Client(role.config).send(new ListBucketsCommand({}))).rejects.toThrow();
  expect(await accessesOf(aws, role)).toEqual([
    { principal: role.arn, action: "dynamodb:ListTables", resource: "*", allowed: true },
    { principal: role.arn, action: "s3:ListAllMyBuckets", resource: "*", allowed: false },
  ]);
  // Nobody needs a policy for it.
  expect(await accessesOf(aws, { arn: aws.arn("iam", "root") })).toEqual([]);
});

test("calls are authorized on roles, policies and identity providers by name", async () => {
  const role = await roleWith(aws, allowAll);
  const iam = new IAMClient(role.config);
  const [RoleName, PolicyName] = [uniqueName("made"), uniqueName("policy")];
  await iam.send(
    new CreateRoleCommand({
      RoleName,
      Path: "/tasks/",
      AssumeRolePolicyDocument: policyDocument([]),
      Tags: OUR_TAGS,
    }),
  );
  await iam.send(new DeleteRoleCommand({ RoleName }));
  const PolicyDocument = policyDocument([allowAll]);
  await iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument, Tags: OUR_TAGS }));
  await iam.send(new CreateOpenIDConnectProviderCommand({ Url: "https://other.example/path" }));
  await iam.send(new ListRolesCommand({}));
  expect(await neededBy(aws, role)).toEqual([
    `iam:CreateRole ${aws.arn("iam", `role/tasks/${RoleName}`)}`,
    `iam:TagRole ${aws.arn("iam", `role/tasks/${RoleName}`)}`,
    `iam:DeleteRole ${aws.arn("iam", `role/tasks/${RoleName}`)}`,
    `iam:CreatePolicy ${aws.arn("iam", `policy/${PolicyName}`)}`,
    `iam:TagPolicy ${aws.arn("iam", `policy/${PolicyName}`)}`,
    `iam:CreateOpenIDConnectProvider ${aws.arn("iam", "oidc-provider/other.example/path")}`,
    "iam:ListRoles *",
  ]);
});

test("calls to DynamoDB, ECR and CloudWatch Logs are authorized on tables, repositories and groups", async () => {
  const role = await roleWith(aws, allowAll);
  const [table, repository, group] = [uniqueName("table"), uniqueName("repo"), "/ecs/tagged"];
  await new DynamoDBClient(role.config).send(tableOf(table, { Tags: OUR_TAGS }));
  const ecr = new ECRClient(role.config);
  await ecr.send(new CreateRepositoryCommand({ repositoryName: repository, tags: OUR_TAGS }));
  await ecr.send(new DescribeRepositoriesCommand({}));
  const logs = new CloudWatchLogsClient(role.config);
  const tags = { Platform: "ours" };
  await logs.send(new CreateLogGroupCommand({ logGroupName: group, tags }));
  expect(await neededBy(aws, role)).toEqual([
    `dynamodb:CreateTable ${aws.arn("dynamodb", `table/${table}`)}`,
    `dynamodb:TagResource ${aws.arn("dynamodb", `table/${table}`)}`,
    `ecr:CreateRepository ${aws.arn("ecr", `repository/${repository}`)}`,
    `ecr:TagResource ${aws.arn("ecr", `repository/${repository}`)}`,
    `ecr:DescribeRepositories ${aws.arn("ecr", "repository/*")}`,
    `logs:CreateLogGroup ${aws.arn("logs", `log-group:${group}:log-stream:`)}`,
    `logs:TagResource ${aws.arn("logs", `log-group:${group}`)}`,
  ]);
});

test("a role does what its policy allows: that action, on that table", async () => {
  const [own, other] = [await createTable(), await createTable()];
  const client = await dynamoDbWith(
    allow(["dynamodb:GetItem", "dynamodb:BatchGetItem"], tableArn(own)),
  );
  const Key = { id: { S: "1" } };
  await client.send(new GetItemCommand({ TableName: own, Key }));
  await client.send(new GetItemCommand({ TableName: tableArn(own), Key }));
  await client.send(new BatchGetItemCommand({ RequestItems: { [own]: { Keys: [Key] } } }));
  const getOther = new GetItemCommand({ TableName: other, Key });
  await expect(client.send(getOther)).rejects.toMatchObject(denied);
  const RequestItems = { [own]: { Keys: [Key] }, [other]: { Keys: [Key] } };
  const getBoth = new BatchGetItemCommand({ RequestItems });
  await expect(client.send(getBoth)).rejects.toMatchObject(denied);
  await expect(client.send(new PutItemCommand({ TableName: own, Item: Key }))).rejects.toThrow(
    /assumed-role\/.* is not authorized to perform: dynamodb:PutItem on resource: .*table-/,
  );
  await expect(client.send(new ListTablesCommand({}))).rejects.toMatchObject(denied);
});

test("an index is a resource of its own", async () => {
  const table = await createTable();
  const query = (IndexName?: string) =>
    new QueryCommand({
      TableName: table,
      IndexName,
      KeyConditionExpression: "id = :id",
      ExpressionAttributeValues: { ":id": { S: "1" } },
    });
  const client = await dynamoDbWith(allow("dynamodb:Query", tableArn(table)));
  await client.send(query());
  await expect(client.send(query("by-id"))).rejects.toMatchObject(denied);
  const indexed = await dynamoDbWith(allow("dynamodb:Query", `${tableArn(table)}/index/*`));
  await indexed.send(query("by-id"));
});

test("a transaction needs what each of its parts needs", async () => {
  const table = await createTable();
  const client = await dynamoDbWith(allow("dynamodb:PutItem", tableArn(table)));
  const Key = { id: { S: "1" } };
  const put = { Put: { TableName: table, Item: Key } };
  await client.send(new TransactWriteItemsCommand({ TransactItems: [put] }));
  const remove = { Delete: { TableName: table, Key: { id: { S: "2" } } } };
  await expect(
    client.send(new TransactWriteItemsCommand({ TransactItems: [put, remove] })),
  ).rejects.toThrow("dynamodb:DeleteItem");
});

test("NotAction, NotResource, Deny and Condition mean what they mean on AWS", async () => {
  const [open, closed] = [await createTable(), await createTable()];
  const client = await dynamoDbWith(
    { Effect: "Allow", NotAction: "dynamodb:PutItem", NotResource: tableArn(closed) },
    allow("dynamodb:PutItem", "*", { StringNotLike: { "aws:RequestedRegion": "eu-*" } }),
    {
      Effect: "Deny",
      Action: "dynamodb:Update*",
      Resource: "*",
      Condition: { StringEquals: { "aws:PrincipalAccount": [aws.accountId] } },
    },
  );
  const Key = { id: { S: "1" } };
  await client.send(new GetItemCommand({ TableName: open, Key }));
  const refused = [
    client.send(new GetItemCommand({ TableName: closed, Key })),
    client.send(new PutItemCommand({ TableName: open, Item: Key })),
    client.send(new UpdateItemCommand({ TableName: open, Key })),
  ];
  await Promise.all(refused.map((call) => expect(call).rejects.toMatchObject(denied)));
});

test("managed policies count, AWS's own among them", async () => {
  const iam = new IAMClient(aws.config);
  const table = await createTable();
  const role = await roleWith(aws);
  // A document may hold one statement instead of a list of them.
  const Statement = allow("dynamodb:GetItem", tableArn(table));
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  const { Policy } = await iam.send(
    new CreatePolicyCommand({ PolicyName: uniqueName("policy"), PolicyDocument }),
  );
  for (const PolicyArn of [Policy?.Arn, "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"]) {
    await iam.send(new AttachRolePolicyCommand({ RoleName: role.name, PolicyArn }));
  }
  const Key = { id: { S: "1" } };
  await new DynamoDBClient(role.config).send(new GetItemCommand({ TableName: table, Key }));
  await new EC2Client(role.config).send(new DescribeSubnetsCommand({}));
});

test("a repository is a resource", async () => {
  const [own, other] = [uniqueName("repository"), uniqueName("repository")];
  for (const repositoryName of [own, other]) {
    await new ECRClient(aws.config).send(new CreateRepositoryCommand({ repositoryName }));
  }
  const role = await roleWith(
    aws,
    allow("ecr:DescribeImages", aws.arn("ecr", `repository/${own}`)),
  );
  const ecr = new ECRClient(role.config);
  await ecr.send(new DescribeImagesCommand({ repositoryName: own }));
  await expect(
    ecr.send(new DescribeImagesCommand({ repositoryName: other })),
  ).rejects.toMatchObject(denied);
});

test("a log group is a resource", async () => {
  const [own, other] = [uniqueName("logs"), uniqueName("logs")];
  for (const logGroupName of [own, other]) {
    const logs = new CloudWatchLogsClient(aws.config);
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
  }
  const role = await roleWith(
    aws,
    allow("logs:CreateLogStream", aws.arn("logs", `log-group:${own}:log-stream:*`)),
  );
  const logs = new CloudWatchLogsClient(role.config);
  await logs.send(new CreateLogStreamCommand({ logGroupName: own, logStreamName: "task" }));
  await expect(
    logs.send(new CreateLogStreamCommand({ logGroupName: other, logStreamName: "task" })),
  ).rejects.toMatchObject(denied);
});

test("a refusal has the shape of the service's protocol", async () => {
  const { config } = await roleWith(aws);
  await expect(new IAMClient(config).send(new ListRolesCommand({}))).rejects.toMatchObject({
    name: "AccessDenied",
    $metadata: { httpStatusCode: 403 },
  });
  await expect(new DynamoDBClient(config).send(new ListTablesCommand({}))).rejects.toMatchObject({
    ...denied,
    $metadata: { httpStatusCode: 400 },
  });
  await expect(new EC2Client(config).send(new DescribeSubnetsCommand({}))).rejects.toMatchObject({
    name: "UnauthorizedOperation",
  });
});

test("an unknown key is refused", async () => {
  const config = {
    ...aws.config,
    credentials: { accessKeyId: "AKIANOBODY", secretAccessKey: "x" },
  };
  await expect(new DynamoDBClient(config).send(new ListTablesCommand({}))).rejects.toMatchObject({
    name: "UnrecognizedClientException",
  });
  await expect(new IAMClient(config).send(new ListRolesCommand({}))).rejects.toMatchObject({
    name: "InvalidClientTokenId",
  });
});

describe("passing a role", () => {
  test("to a task definition needs iam:PassRole on that role", async () => {
    const register = allow("ecs:RegisterTaskDefinition");
    const { arn: taskRoleArn } = await roleWith(aws);
    const command = new RegisterTaskDefinitionCommand({
      family: "passing",
      taskRoleArn,
      containerDefinitions: [{ name: "app", image: "app:1", memory: 128 }],
    });
    const without = await roleWith(aws, register);
    await expect(new ECSClient(without.config).send(command)).rejects.toThrow("iam:PassRole");
    const withIt = await roleWith(
      aws,
      register,
      allow("iam:PassRole", taskRoleArn, {
        StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" },
      }),
    );
    await new ECSClient(withIt.config).send(command);
  });

  test("to a service of ECS and to autoscaling needs iam:PassRole for that service", async () => {
    const { arn: passed } = await roleWith(aws);
    const { cluster, name, taskDefinition } = await createService(aws);
    const create = (role: { config: object }, serviceName: string) =>
      new ECSClient(role.config).send(
        new CreateServiceCommand({ cluster, serviceName, taskDefinition, role: passed }),
      );
    const scale = ({ config }: Awaited<ReturnType<typeof roleWith>>) =>
      autoscalingCall({ ...aws, ...config }, "RegisterScalableTarget", {
        ServiceNamespace: "ecs",
        ResourceId: `service/${cluster}/${name}`,
        ScalableDimension: "ecs:service:DesiredCount",
        MinCapacity: 1,
        MaxCapacity: 2,
        RoleARN: passed,
      });
    const calls = allow(["ecs:*", "application-autoscaling:*"]);
    const without = await roleWith(aws, calls);
    await expect(create(without, "second")).rejects.toThrow(`iam:PassRole on resource: ${passed}`);
    await expect(scale(without)).rejects.toThrow(`iam:PassRole on resource: ${passed}`);
    const service = await roleWith(
      aws,
      calls,
      allow("iam:PassRole", passed, {
        StringEquals: { "iam:PassedToService": "ecs.amazonaws.com" },
      }),
    );
    await create(service, "second");
    await expect(scale(service)).rejects.toThrow("iam:PassRole");
  });
});

async function createTable() {
  const table = uniqueName("table");
  await new DynamoDBClient(aws.config).send(tableOf(table));
  return table;
}

/** A client of a role with these statements. */
async function dynamoDbWith(...statements: object[]) {
  const { config } = await roleWith(aws, ...statements);
  return new DynamoDBClient(config);
}
