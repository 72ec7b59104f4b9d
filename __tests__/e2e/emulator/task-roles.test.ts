import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { CreateSubnetCommand, CreateVpcCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { clientConfig, type LocalAws } from "../../../local/emulator/aws";
import { startEmulator, type Emulator } from "../../../local/emulator/emulator";
import { assumeRole, type TaskIdentity } from "../../../local/tasks/task-roles";
import { allow, policyDocument } from "../support/emulated-role";

jest.setTimeout(60_000);

const ACCOUNT_ID = "123456789012";
const REGION = "eu-west-1";
const directory = mkdtempSync(join(tmpdir(), "task-roles-"));

let emulator: Emulator;
let aws: LocalAws;
let vpcId: string;
let task: TaskIdentity;

beforeAll(async () => {
  const logFile = join(directory, "emulator.log");
  emulator = await startEmulator({
    python: "python3",
    accountId: ACCOUNT_ID,
    region: REGION,
    logFile,
  });
  ({ aws } = emulator);
  const ec2 = new EC2Client(clientConfig(aws));
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
  vpcId = Vpc?.VpcId ?? "";
  const { Subnet } = await ec2.send(
    new CreateSubnetCommand({ VpcId: vpcId, CidrBlock: "10.0.0.0/24" }),
  );
  task = {
    id: "1",
    arn: `arn:aws:ecs:${REGION}:${ACCOUNT_ID}:task/main/1`,
    subnetId: Subnet?.SubnetId ?? "",
  };
});

afterAll(async () => {
  await emulator.stop();
  rmSync(directory, { recursive: true });
});

const TRUST_OF_TASKS = {
  Effect: "Allow",
  Principal: { Service: "ecs-tasks.amazonaws.com" },
  Action: "sts:AssumeRole",
};

/** The ARN of a new role whose trust policy has these statements. */
async function roleTrusting(...trust: object[]): Promise<string> {
  const { Role } = await new IAMClient(clientConfig(aws)).send(
    new CreateRoleCommand({
      RoleName: `role-${randomUUID()}`,
      AssumeRolePolicyDocument: policyDocument(trust),
    }),
  );
  return Role?.Arn ?? "";
}

async function credentialsOf(roleArn: string) {
  const { accessKeyId, secretAccessKey, sessionToken } = await assumeRole(aws, roleArn, task);
  const credentials = { accessKeyId, secretAccessKey, sessionToken };
  return { ...clientConfig(aws), credentials, maxAttempts: 1 };
}

test.each<[string, object]>([
  ["no condition", {}],
  [
    "one of several services",
    { Principal: { Service: ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"] } },
  ],
  ["everybody", { Principal: "*" }],
  ["every action of STS", { Action: "sts:*" }],
  ["its account", { Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT_ID } } }],
  [
    "its account, in another case",
    { Condition: { StringEquals: { "AWS:SourceAccount": ACCOUNT_ID } } },
  ],
  [
    "its account's ECS",
    { Condition: { ArnLike: { "aws:SourceArn": `arn:aws:ecs:${REGION}:${ACCOUNT_ID}:*` } } },
  ],
])("a trust policy with %s gives the task its role", async (_, statement) => {
  const role = await roleTrusting({ ...TRUST_OF_TASKS, ...statement });
  const { Arn } = await new STSClient(await credentialsOf(role)).send(
    new GetCallerIdentityCommand({}),
  );
  expect(Arn).toBe(`arn:aws:sts::${ACCOUNT_ID}:assumed-role/${role.split("/").at(-1)}/${task.id}`);
});

const refusalOf = (roleArn: string) =>
  `ECS was unable to assume the role '${roleArn}' that was provided for this task. ` +
  "Please verify that the role being passed has the proper trust relationship and permissions " +
  "and that your IAM user has permissions to pass this role.";

test.each<[string, object[]]>([
  ["another service", [{ Principal: { Service: "ec2.amazonaws.com" } }]],
  ["an account only", [{ Principal: { AWS: ACCOUNT_ID } }]],
  ["another action", [{ Action: "sts:TagSession" }]],
  ["another account", [{ Condition: { StringEquals: { "aws:SourceAccount": "210987654321" } } }]],
  [
    "another region",
    [{ Condition: { ArnLike: { "aws:SourceArn": "arn:aws:ecs:us-east-1:*:*" } } }],
  ],
  ["a key that ECS does not send", [{ Condition: { StringEquals: { "sts:ExternalId": "x" } } }]],
  ["a denial", [{ Effect: "Deny" }]],
  ["a denial beside a permission", [{}, { Effect: "Deny" }]],
])("a trust policy with %s does not", async (_, statements) => {
  const role = await roleTrusting(
    ...statements.map((statement) => ({ ...TRUST_OF_TASKS, ...statement })),
  );
  await expect(assumeRole(aws, role, task)).rejects.toThrow(refusalOf(role));
});

test("a trust policy with an operator that is not known does not", async () => {
  const Condition = { DateLessThan: { "aws:SourceAccount": "2030-01-01T00:00:00Z" } };
  const role = await roleTrusting({ ...TRUST_OF_TASKS, Condition });
  await expect(assumeRole(aws, role, task)).rejects.toThrow("DateLessThan");
});

test("a role that is missing does not", async () => {
  const role = `arn:aws:iam::${ACCOUNT_ID}:role/missing`;
  await expect(assumeRole(aws, role, task)).rejects.toThrow(refusalOf(role));
});

test("what a task does has its role's permissions, and comes from the VPC of its subnet", async () => {
  const role = await roleTrusting(TRUST_OF_TASKS);
  const inVpc = (vpc: string) => ({ StringEquals: { "aws:SourceVpc": vpc } });
  await new IAMClient(clientConfig(aws)).send(
    new PutRolePolicyCommand({
      RoleName: role.split("/").at(-1),
      PolicyName: "inline",
      PolicyDocument: policyDocument([
        allow("dynamodb:ListTables", "*", inVpc(vpcId)),
        allow("dynamodb:CreateTable", "*", inVpc("vpc-0a1b2c3d")),
      ]),
    }),
  );
  const dynamodb = new DynamoDBClient(await credentialsOf(role));
  await dynamodb.send(new ListTablesCommand({}));
  await expect(
    dynamodb.send(
      new CreateTableCommand({
        TableName: "items",
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
      }),
    ),
  ).rejects.toThrow("is not authorized to perform: dynamodb:CreateTable");
});
