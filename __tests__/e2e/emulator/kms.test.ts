import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  KMSClient,
  ListAliasesCommand,
} from "@aws-sdk/client-kms";
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { createBucket } from "../support/emulated-resources";
import { allow, allowAll, roleWith } from "../support/emulated-role";
import { neededBy } from "../support/iam-accesses";
import { uniqueName } from "../support/unique-name";
import { useEmulator } from "../support/use-emulator";

const aws = useEmulator();

test("calls are authorized on keys, also those named by alias, and on aliases themselves", async () => {
  const role = await roleWith(aws, allowAll);
  const kms = new KMSClient(role.config);
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand({ Tags: [{ TagKey: "Platform", TagValue: "ours" }] }),
  );
  const key = KeyMetadata?.Arn ?? "";
  const AliasName = `alias/${uniqueName("key")}`;
  await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyMetadata?.KeyId }));
  await kms.send(new DescribeKeyCommand({ KeyId: AliasName }));
  await kms.send(new ListAliasesCommand({ KeyId: key }));
  expect(await neededBy(aws, role)).toEqual([
    "kms:CreateKey *",
    `kms:TagResource ${aws.arn("kms", "key/*")}`,
    `kms:CreateAlias ${aws.arn("kms", AliasName)}`,
    `kms:CreateAlias ${key}`,
    `kms:DescribeKey ${key}`,
    "kms:ListAliases *",
  ]);
});

describe("an object that is encrypted with a key", () => {
  const objects = allow(["s3:PutObject", "s3:GetObject"]);

  test("is written and read by who may use the key", async () => {
    const { Bucket, key, alias } = await createEncryptedBucket();
    const object = { Bucket, Key: "state" };
    const owner = await roleWith(
      aws,
      objects,
      allow(["kms:GenerateDataKey", "kms:Decrypt"], aws.arn("kms", "key/*"), {
        StringEquals: { "kms:ViaService": `s3.${aws.region}.amazonaws.com` },
        "ForAnyValue:StringEquals": { "kms:ResourceAliases": alias },
      }),
    );
    const other = await roleWith(aws, objects);
    const [ours, theirs] = [new S3Client(owner.config), new S3Client(other.config)];
    const put = new PutObjectCommand({ ...object, Body: "{}" });
    await expect(theirs.send(put)).rejects.toThrow(
      `kms:GenerateDataKey on resource: ${key} because no identity-based policy allows`,
    );
    await ours.send(put);
    await ours.send(
      new PutObjectCommand({
        ...object,
        Body: "{}",
        ServerSideEncryption: "aws:kms",
        SSEKMSKeyId: aws.arn("kms", alias),
      }),
    );
    await ours.send(new GetObjectCommand(object));
    await theirs.send(new HeadObjectCommand(object));
    await expect(theirs.send(new GetObjectCommand(object))).rejects.toThrow(
      `kms:Decrypt on resource: ${key}`,
    );
    // Not through S3.
    const Ciphertext = { KeyId: key, CiphertextBlob: Buffer.from("x") };
    await expect(
      new KMSClient(owner.config).send(new DecryptCommand(Ciphertext)),
    ).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  test("needs no right to a key if it is encrypted with S3's own", async () => {
    const { Bucket } = await createEncryptedBucket();
    const client = new S3Client((await roleWith(aws, objects)).config);
    const object = { Bucket, Key: "state" };
    await client.send(
      new PutObjectCommand({ ...object, Body: "{}", ServerSideEncryption: "AES256" }),
    );
    await client.send(new GetObjectCommand(object));
  });

  async function createEncryptedBucket() {
    const { Bucket } = await createBucket(aws);
    const alias = `alias/${Bucket}`;
    const kms = new KMSClient(aws.config);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const key = KeyMetadata?.Arn ?? "";
    await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: key }));
    const byDefault = { SSEAlgorithm: "aws:kms" as const, KMSMasterKeyID: key };
    const Rules = [{ ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled: true }];
    await new S3Client(aws.config).send(
      new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }),
    );
    return { Bucket, key, alias };
  }
});
