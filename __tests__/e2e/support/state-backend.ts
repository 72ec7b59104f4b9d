import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { clientConfig, type LocalAws } from "../../../local/emulator/aws";

/**
 * Makes as much of a state backend as a deploy needs, without the minute that Terraform takes for all of it.
 *
 * @param prefix `<platform>-<environment>`
 */
export async function createBackend(aws: LocalAws, prefix: string) {
  const s3 = new S3Client({ ...clientConfig(aws), forcePathStyle: true });
  const Bucket = `${prefix}-terraform-state-${aws.accountId}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  await new DynamoDBClient(clientConfig(aws)).send(
    new CreateTableCommand({
      TableName: `${prefix}-terraform-locks`,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "LockID", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "LockID", KeyType: "HASH" }],
    }),
  );
  const kms = new KMSClient(clientConfig(aws));
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  await kms.send(
    new CreateAliasCommand({
      AliasName: `alias/${prefix}-terraform-state`,
      TargetKeyId: KeyMetadata?.KeyId,
    }),
  );
}
