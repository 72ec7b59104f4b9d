import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DescribeKeyCommand, KMSClient, paginateListKeys } from "@aws-sdk/client-kms";
import { HeadBucketCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { Backend } from "../synthesized/config";

/** The endpoint and credentials of the SDK's clients. @default - those that the SDK finds by itself */
export interface ClientConfig {
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Finds out which resources of a backend exist. It asks AWS, because there may be no state yet. */
export class ExistingBackend {
  private readonly s3: S3Client;
  private readonly dynamodb: DynamoDBClient;
  private readonly kms: KMSClient;

  /** @param client the configuration of the SDK's clients, without the region */
  constructor(
    private readonly backend: Backend,
    private readonly client: ClientConfig = {},
  ) {
    const config = { ...client, region: backend.region };
    this.s3 = new S3Client({ ...config, forcePathStyle: backend.use_path_style });
    this.dynamodb = new DynamoDBClient(config);
    this.kms = new KMSClient(config);
  }

  /** The account that the current credentials belong to. */
  async account() {
    const sts = new STSClient({ ...this.client, region: this.backend.region });
    return (await sts.send(new GetCallerIdentityCommand({}))).Account;
  }

  /** Whether Terraform can look for a state here. It cannot store one before the key has its alias. */
  async isReadable() {
    const parts = [this.hasBucket(), this.hasLockTable()];
    return (await Promise.all(parts)).every(Boolean);
  }

  /** Whether states can be kept and locked here. Some settings of the backend may still be missing. */
  async isUsable() {
    const parts = [this.isReadable(), this.hasKeyAlias()];
    return (await Promise.all(parts)).every(Boolean);
  }

  hasState() {
    const { bucket: Bucket, key: Key } = this.backend;
    return exists(this.s3.send(new HeadObjectCommand({ Bucket, Key })));
  }

  hasBucket() {
    return exists(this.s3.send(new HeadBucketCommand({ Bucket: this.backend.bucket })));
  }

  /** Whether the lock table exists; `true` as well when the backend uses no lock table. */
  async hasLockTable() {
    const { dynamodb_table: TableName } = this.backend;
    if (TableName === undefined) return true;
    return exists(this.dynamodb.send(new DescribeTableCommand({ TableName })));
  }

  hasKeyAlias() {
    return exists(this.kms.send(new DescribeKeyCommand({ KeyId: this.backend.kms_key_id })));
  }

  /** The id of the enabled key with this description. A key without an alias has no other name. */
  async keyId(description: string) {
    for await (const { Keys = [] } of paginateListKeys({ client: this.kms }, {})) {
      for (const { KeyId } of Keys) {
        const { KeyMetadata } = await this.kms.send(new DescribeKeyCommand({ KeyId }));
        if (KeyMetadata?.Description === description && KeyMetadata.Enabled) return KeyId;
      }
    }
    return undefined;
  }
}

const MISSING = [
  "NotFound",
  "NoSuchKey",
  "NoSuchBucket",
  "ResourceNotFoundException",
  "NotFoundException",
];

async function exists(request: Promise<unknown>) {
  try {
    await request;
    return true;
  } catch (error) {
    if (error instanceof Error && MISSING.includes(error.name)) return false;
    throw error;
  }
}
