import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The S3 backend of a synthesized state, as Terraform will read it. */
export interface Backend {
  readonly bucket: string;
  readonly key: string;
  readonly region: string;
  /** @default - states are locked by files in the bucket alone */
  readonly dynamodb_table?: string;
  /** ARN of the key's alias. */
  readonly kms_key_id: string;
  readonly allowed_account_ids: readonly [string];
  readonly use_path_style?: boolean;
}

export function readBackend(directory: string): Backend {
  const file = join(directory, "cdk.tf.json");
  const { terraform } = JSON.parse(readFileSync(file, "utf8")) as {
    terraform: { backend: { s3: Backend } };
  };
  return terraform.backend.s3;
}
