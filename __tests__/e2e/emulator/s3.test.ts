import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketEncryptionCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { createBucket } from "../support/emulated-resources";
import { allow, allowAll, policyDocument, roleWith } from "../support/emulated-role";
import { neededBy } from "../support/iam-accesses";
import { uniqueName } from "../support/unique-name";
import { useEmulator } from "../support/use-emulator";

const aws = useEmulator();
const s3 = new S3Client(aws.config);

test("a bucket that is TLS-only can be used: loopback stands in for TLS", async () => {
  const { Bucket, arn } = await createBucket(aws);
  await putPolicy(Bucket, {
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [arn, `${arn}/*`],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  });
  await s3.send(new PutObjectCommand({ Bucket, Key: "state", Body: "1" }));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "state" }));
  expect(await Body?.transformToString()).toBe("1");
});

test("a Deny on one role's ARN binds that role alone", async () => {
  const { Bucket, arn } = await createBucket(aws);
  const all = allow("s3:*");
  const deploy = await roleWith(aws, all);
  const admin = await roleWith(aws, all);
  await putPolicy(Bucket, {
    Effect: "Deny",
    Principal: "*",
    Action: "s3:DeleteObject",
    Resource: `${arn}/*.tfstate`,
    Condition: { ArnLike: { "aws:PrincipalArn": deploy.arn } },
  });
  const byDeploy = new S3Client(deploy.config);
  const remove = async (client: S3Client, Key: string) => {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: "1" }));
    await client.send(new DeleteObjectCommand({ Bucket, Key }));
  };
  await expect(remove(byDeploy, "dev.tfstate")).rejects.toMatchObject({ name: "AccessDenied" });
  await remove(byDeploy, "dev.tfstate.tflock");
  await remove(new S3Client(admin.config), "dev.tfstate");
  await remove(s3, "dev.tfstate");
});

test("a Deny without a Condition binds everybody", async () => {
  const { Bucket, arn } = await createBucket(aws);
  await s3.send(new PutObjectCommand({ Bucket, Key: "kept", Body: "1" }));
  const statement = { Principal: "*", Action: "s3:DeleteObject", Resource: `${arn}/*` };
  await putPolicy(Bucket, { Effect: "Deny", ...statement });
  await expect(s3.send(new DeleteObjectCommand({ Bucket, Key: "kept" }))).rejects.toMatchObject({
    name: "AccessDenied",
  });
});

test("a role reads what its own policy or the bucket's allows, and nothing else", async () => {
  const { Bucket, arn } = await createBucket(aws);
  const role = await roleWith(aws, allow("s3:GetObject", `${arn}/own/*`));
  const shared = allow("s3:GetObject", `${arn}/shared/*`);
  await putPolicy(Bucket, { ...shared, Principal: { AWS: role.arn } });
  const client = new S3Client(role.config);
  const read = async (Key: string) => {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    return Body?.transformToString();
  };
  expect(await read("own/a")).toBe("own/a");
  expect(await read("shared/a")).toBe("shared/a");
  await expect(read("secret/a")).rejects.toMatchObject({ name: "AccessDenied" });
  await expect(
    client.send(new PutObjectCommand({ Bucket, Key: "own/a", Body: "2" })),
  ).rejects.toMatchObject({ name: "AccessDenied" });
});

test("calls for a configuration are authorized by its own name, not as moto's CreateBucket and ListBucket", async () => {
  const role = await roleWith(aws, allowAll);
  const client = new S3Client(role.config);
  const Bucket = uniqueName("bucket");
  await client.send(new CreateBucketCommand({ Bucket }));
  await client.send(
    new PutPublicAccessBlockCommand({
      Bucket,
      PublicAccessBlockConfiguration: { BlockPublicAcls: true },
    }),
  );
  const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" as const } }];
  await client.send(
    new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }),
  );
  await client.send(new GetBucketEncryptionCommand({ Bucket }));
  expect(await neededBy(aws, role)).toEqual(
    [
      "CreateBucket",
      "PutBucketPublicAccessBlock",
      "PutEncryptionConfiguration",
      "GetEncryptionConfiguration",
    ].map((action) => `s3:${action} arn:aws:s3:::${Bucket}`),
  );
});

describe("a bucket", () => {
  test("is listed where the prefix is allowed", async () => {
    const { Bucket, arn } = await createBucket(aws);
    const prefixes = { StringLike: { "s3:prefix": "dev/*" } };
    const { config } = await roleWith(aws, allow("s3:ListBucket", arn, prefixes));
    const list = (Prefix?: string) =>
      new S3Client(config).send(new ListObjectsV2Command({ Bucket, Prefix }));
    await list("dev/a");
    await expect(list("prod/a")).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(list()).rejects.toMatchObject({ name: "AccessDenied" });
  });

  test("says that an object is missing only to who may list it", async () => {
    const { Bucket } = await createBucket(aws);
    const get = async (...statements: object[]) => {
      const { config } = await roleWith(aws, ...statements);
      await new S3Client(config).send(new GetObjectCommand({ Bucket, Key: "no" }));
    };
    await expect(get(allow("s3:GetObject"))).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(get(allow(["s3:GetObject", "s3:ListBucket"]))).rejects.toMatchObject({
      name: "NoSuchKey",
    });
  });

  test("loses many objects at once as if each were deleted alone", async () => {
    const { Bucket, arn } = await createBucket(aws);
    const { config } = await roleWith(aws, allow("s3:DeleteObject", `${arn}/dev/*`));
    const Objects = [{ Key: "dev/a" }, { Key: "prod/a" }];
    const command = new DeleteObjectsCommand({ Bucket, Delete: { Objects } });
    expect(await new S3Client(config).send(command)).toMatchObject({
      Deleted: [{ Key: "dev/a" }],
      Errors: [{ Key: "prod/a", Code: "AccessDenied" }],
    });
  });
});

async function putPolicy(Bucket: string, statement: object) {
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: policyDocument([statement]) }));
}
