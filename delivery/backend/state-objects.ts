import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { Backend } from "../synthesized/config";

/** The outputs of a state by name. */
export type StateOutputs = Readonly<Record<string, unknown>>;

/** The objects in an environment's state bucket, read and written without Terraform. */
export class StateObjects {
  private readonly s3: S3Client;

  constructor(private readonly backend: Backend) {
    this.s3 = new S3Client({ region: backend.region, forcePathStyle: backend.use_path_style });
  }

  /** The outputs of a state; `undefined` when the state was never written or has been destroyed. */
  async outputs(key: string): Promise<StateOutputs | undefined> {
    const content = await this.read(key);
    if (content === undefined) return undefined;
    const { outputs } = JSON.parse(content) as { outputs: Record<string, { value: unknown }> };
    const values = Object.entries(outputs).map(([name, { value }]) => [name, value] as const);
    return values.length > 0 ? Object.fromEntries(values) : undefined;
  }

  /** The content of an object; `undefined` when there is no such object. */
  async read(key: string) {
    try {
      const { Body } = await this.s3.send(new GetObjectCommand(this.at(key)));
      return await Body?.transformToString();
    } catch (error) {
      if ((error as Error).name === "NoSuchKey") return undefined;
      throw error;
    }
  }

  /** The id of an object's current version, which every write changes; `undefined` when there is no such object. */
  async version(key: string) {
    try {
      return (await this.s3.send(new HeadObjectCommand(this.at(key)))).VersionId;
    } catch (error) {
      if ((error as Error).name === "NotFound") return undefined;
      throw error;
    }
  }

  /** Writes an object with the encryption that the states have. */
  async write(key: string, content: string) {
    await this.s3.send(
      new PutObjectCommand({
        ...this.at(key),
        Body: content,
        ContentType: "application/json",
        ServerSideEncryption: "aws:kms",
        SSEKMSKeyId: this.backend.kms_key_id,
      }),
    );
  }

  private at(key: string) {
    return { Bucket: this.backend.bucket, Key: key };
  }
}
