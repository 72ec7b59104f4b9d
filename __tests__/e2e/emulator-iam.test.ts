import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientConfig, type LocalAws } from "../../local/aws";
import { startEmulator, type Emulator } from "../../local/emulator";
import { iamAccesses } from "../../local/emulator-control";

jest.setTimeout(60_000);

const accountId = "000000000000";
const region = "eu-west-1";
const directory = mkdtempSync(join(tmpdir(), "emulator-iam-"));

let emulator: Emulator;
let aws: LocalAws;

beforeAll(async () => {
  const logFile = join(directory, "emulator.log");
  emulator = await startEmulator({ python: "python3", accountId, region, logFile });
  aws = { endpoint: emulator.endpoint, region, accountId };
});

afterAll(async () => {
  await emulator.stop();
  rmSync(directory, { recursive: true });
});

let names = 0;
const uniqueName = (kind: string) => `${kind}-${++names}`;

test("what was asked, and what was decided, can be read", async () => {
  const role = await roleWith({ Effect: "Allow", Action: "dynamodb:ListTables", Resource: "*" });
  const dynamodb = new DynamoDBClient(role.config);
  await dynamodb.send(new ListTablesCommand({}));
  await dynamodb.send(new ListTablesCommand({}));
  const s3 = new S3Client({ ...role.config, forcePathStyle: true });
  await expect(s3.send(new ListBucketsCommand({}))).rejects.toMatchObject({ name: "AccessDenied" });
  const accesses = await iamAccesses(aws);
  expect(accesses.filter(({ principal }) => principal === role.arn)).toEqual([
    { principal: role.arn, action: "dynamodb:ListTables", resource: "*", allowed: true },
    { principal: role.arn, action: "s3:ListAllMyBuckets", resource: "*", allowed: false },
  ]);
});

/** A role with these statements in an inline policy, assumed. */
async function roleWith(...statements: object[]) {
  const iam = new IAMClient(clientConfig(aws));
  const name = uniqueName("role");
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: name,
      AssumeRolePolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: {
          Effect: "Allow",
          Principal: { Service: "ecs-tasks.amazonaws.com" },
          Action: "sts:AssumeRole",
        },
      }),
    }),
  );
  if (statements.length > 0) {
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: statements });
    await iam.send(
      new PutRolePolicyCommand({ RoleName: name, PolicyName: "inline", PolicyDocument }),
    );
  }
  const arn = Role?.Arn ?? "";
  const { Credentials } = await new STSClient(clientConfig(aws)).send(
    new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: "test" }),
  );
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
  return { name, arn, config: { ...clientConfig(aws), credentials, maxAttempts: 1 } };
}
