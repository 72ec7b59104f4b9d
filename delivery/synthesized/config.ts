import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The Terraform JSON that synth writes into a state's folder. */
export const CONFIG_FILE = "cdk.tf.json";

/** Attributes of a resource, whose values may be Terraform expressions. */
type Attributes = Readonly<Record<string, unknown>>;

/** What is used of a state's Terraform JSON. */
export interface StateConfig {
  readonly terraform: { readonly backend: { readonly s3: Backend } };
  readonly variable?: Readonly<Record<string, { readonly default?: unknown }>>;
  /** By type, then by name. */
  readonly resource: Readonly<Record<string, Readonly<Record<string, Attributes>>>>;
  readonly output?: Readonly<Record<string, unknown>>;
  readonly data?: {
    readonly terraform_remote_state?: Readonly<
      Record<string, { readonly config: { readonly bucket: string; readonly key: string } }>
    >;
  };
}

/** The S3 backend of a state. */
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

/** Reads the Terraform JSON in a state's folder. Nothing else reads it. */
export const readConfig = (directory: string) =>
  JSON.parse(readFileSync(join(directory, CONFIG_FILE), "utf8")) as StateConfig;

export const readBackend = (directory: string): Backend =>
  readConfig(directory).terraform.backend.s3;
