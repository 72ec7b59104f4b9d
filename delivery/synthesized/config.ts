import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PLACEHOLDER_ACCOUNT } from "../../model/environment";
import type { State } from "./states";

/** The Terraform JSON that synth writes into a state's folder. */
export const CONFIG_FILE = "cdk.tf.json";

/** The attributes of a resource. Their values may be Terraform expressions. */
type Attributes = Readonly<Record<string, unknown>>;

/** The parts of a state's Terraform JSON that are used here. */
export interface StateConfig {
  readonly terraform: { readonly backend: { readonly s3: Backend } };
  readonly provider?: { readonly aws: readonly unknown[] };
  readonly variable?: Readonly<Record<string, { readonly default?: unknown }>>;
  /** The resources by type, then by name. */
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
  /** The ARN of the key's alias. */
  readonly kms_key_id: string;
  readonly allowed_account_ids: readonly [string];
  readonly use_path_style?: boolean;
}

/** Parses the Terraform JSON in a state's folder. No other module parses it. */
export const readConfig = (directory: string) =>
  JSON.parse(readFileSync(join(directory, CONFIG_FILE), "utf8")) as StateConfig;

export const readBackend = (directory: string): Backend =>
  readConfig(directory).terraform.backend.s3;

/** Whether a state uses the AWS provider for more than one region. */
export const hasSeveralProviders = (directory: string) =>
  (readConfig(directory).provider?.aws ?? []).length > 1;

/** Whether the environment's file still has the placeholder account, so that no state of it can be applied. */
export const hasPlaceholderAccount = ({ directory }: Pick<State, "directory">) =>
  readBackend(directory).allowed_account_ids[0] === PLACEHOLDER_ACCOUNT;

/** The names and the keys of the states whose outputs a state reads. */
export const producersOf = (state: State) =>
  Object.values(readConfig(state.directory).data?.terraform_remote_state ?? {}).map(
    ({ config: { key } }) => ({
      // The key is `<environment>/<state>/terraform.tfstate`.
      name: key.split("/").slice(0, 2).join("-"),
      key,
    }),
  );

/** The repository that a service's image is pulled from: `<registry>/<name>`. */
export function repositoryUrlOf(service: State) {
  const url = readConfig(service.directory).variable?.ecr_repo_url?.default;
  if (typeof url !== "string") throw new Error(`${service.directory} has no ecr_repo_url`);
  return url;
}

/** The architecture that a service's image is built for: `ARM64` or `X86_64`. */
export function cpuArchitectureOf(service: State) {
  const [task] = Object.values(
    readConfig(service.directory).resource.aws_ecs_task_definition ?? {},
  );
  return (task?.runtime_platform as { readonly cpu_architecture: string }).cpu_architecture;
}

/** Whether an environment is protected: its load balancer refuses to be deleted. */
export const isProtected = (states: readonly State[]) =>
  states
    .flatMap((state) => Object.values(readConfig(state.directory).resource.aws_lb ?? {}))
    .some(({ enable_deletion_protection }) => enable_deletion_protection === true);
