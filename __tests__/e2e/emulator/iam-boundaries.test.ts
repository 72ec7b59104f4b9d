import { DescribeLimitsCommand, DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import {
  allow,
  allowAll,
  assumedRole,
  createPolicy,
  policyDocument,
  roleWith,
} from "../support/emulated-role";
import { uniqueName } from "../support/unique-name";
import { useEmulator } from "../support/use-emulator";

const aws = useEmulator();

describe("a permissions boundary", () => {
  const tables = allow("dynamodb:*");

  test("allows nothing by itself, and what it does not allow nobody else does", async () => {
    const boundary = await createPolicy(aws, tables);
    const bounded = await assumedRole(aws, { statements: [allowAll], boundary });
    await new DynamoDBClient(bounded.config).send(new ListTablesCommand({}));
    await expect(new EC2Client(bounded.config).send(new DescribeVpcsCommand({}))).rejects.toThrow(
      "ec2:DescribeVpcs on resource: * because no permissions boundary allows the ec2:DescribeVpcs action",
    );
    await expect(new S3Client(bounded.config).send(new ListBucketsCommand({}))).rejects.toThrow(
      "because no permissions boundary allows the s3:ListAllMyBuckets action",
    );
    const unallowed = await assumedRole(aws, { boundary });
    await expect(
      new DynamoDBClient(unallowed.config).send(new ListTablesCommand({})),
    ).rejects.toThrow("because no identity-based policy allows the dynamodb:ListTables action");
  });

  test("denies for good", async () => {
    const deny = { ...allow("dynamodb:ListTables"), Effect: "Deny" };
    const boundary = await createPolicy(aws, tables, deny);
    const { config } = await assumedRole(aws, { statements: [allowAll], boundary });
    await new DynamoDBClient(config).send(new DescribeLimitsCommand({}));
    await expect(new DynamoDBClient(config).send(new ListTablesCommand({}))).rejects.toThrow(
      "dynamodb:ListTables on resource: * with an explicit deny in a permissions boundary",
    );
  });

  test("is the policy's default version", async () => {
    const boundary = await createPolicy(aws, tables);
    const { config } = await assumedRole(aws, { statements: [allowAll], boundary });
    await new DynamoDBClient(config).send(new ListTablesCommand({}));
    const newVersion = {
      PolicyArn: boundary,
      PolicyDocument: policyDocument([allow("s3:*")]),
      SetAsDefault: true,
    };
    await new IAMClient(aws.config).send(new CreatePolicyVersionCommand(newVersion));
    await expect(new DynamoDBClient(config).send(new ListTablesCommand({}))).rejects.toThrow(
      "no permissions boundary",
    );
  });

  test("must exist", async () => {
    const boundary = aws.arn("iam", "policy/none");
    await expect(assumedRole(aws, { boundary })).rejects.toMatchObject({
      name: "NoSuchEntityException",
      message: `Scope ARN: ${boundary} does not exist or is not attachable.`,
    });
  });

  test("can be demanded of whoever makes a role, or changes one", async () => {
    const [boundary, other] = [await createPolicy(aws, tables), await createPolicy(aws, allowAll)];
    const role = await roleWith(
      aws,
      allow(["iam:CreateRole", "iam:PutRolePolicy"], "*", {
        StringEquals: { "iam:PermissionsBoundary": boundary },
      }),
    );
    const iam = new IAMClient(role.config);
    const create = async (PermissionsBoundary?: string) => {
      const RoleName = uniqueName("made");
      const AssumeRolePolicyDocument = policyDocument([]);
      const made = { RoleName, AssumeRolePolicyDocument, PermissionsBoundary };
      await iam.send(new CreateRoleCommand(made));
      return RoleName;
    };
    const change = (RoleName: string) =>
      iam.send(
        new PutRolePolicyCommand({
          RoleName,
          PolicyName: "inline",
          PolicyDocument: policyDocument([allowAll]),
        }),
      );
    await change(await create(boundary));
    await expect(create(other)).rejects.toThrow("iam:CreateRole");
    await expect(create()).rejects.toThrow("iam:CreateRole");
    await expect(change((await roleWith(aws)).name)).rejects.toThrow("iam:PutRolePolicy");
  });
});
