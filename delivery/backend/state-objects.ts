import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Backend } from "../synthesized/config";

/** Outputs of a state by name. */
export type StateOutputs = Readonly<Record<string, unknown>>;

/** The states in an environment's bucket, read without Terraform. */
export class StateObjects {
  private readonly s3: S3Client;

  constructor(private readonly backend: Backend) {
    this.s3 = new S3Client({ region: backend.region, forcePathStyle: backend.use_path_style });
  }

  /** What a state puts out; nothing where it was never written, or has been destroyed. */
  async outputs(key: string): Promise<StateOutputs | undefined> {
    const content = await this.content(key);
    if (content === undefined) return undefined;
    const { outputs } = JSON.parse(content) as { outputs: Record<string, { value: unknown }> };
    const values = Object.entries(outputs).map(([name, { value }]) => [name, value] as const);
    return values.length > 0 ? Object.fromEntries(values) : undefined;
  }

  private async content(key: string) {
    try {
      const { Body } = await this.s3.send(
        new GetObjectCommand({ Bucket: this.backend.bucket, Key: key }),
      );
      return await Body?.transformToString();
    } catch (error) {
      if ((error as Error).name === "NoSuchKey") return undefined;
      throw error;
    }
  }
}
