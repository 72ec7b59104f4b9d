import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { State } from "./states";

interface Config {
  readonly variable?: Readonly<Record<string, { readonly default?: unknown }>>;
  readonly resource?: {
    readonly aws_lb?: Readonly<Record<string, { readonly enable_deletion_protection?: boolean }>>;
  };
  readonly data?: {
    readonly terraform_remote_state?: Readonly<
      Record<string, { readonly config: { readonly key: string } }>
    >;
  };
}

const configOf = ({ directory }: State) =>
  JSON.parse(readFileSync(join(directory, "cdk.tf.json"), "utf8")) as Config;

/** The states that a state reads outputs of: each by its name and its key in the bucket. */
export const producersOf = (state: State) =>
  Object.values(configOf(state).data?.terraform_remote_state ?? {}).map(({ config: { key } }) => ({
    // The key is `<environment>/<state>/terraform.tfstate`.
    name: key.split("/").slice(0, 2).join("-"),
    key,
  }));

/** The repository that a service's image is pulled from: `<registry>/<name>`. */
export function repositoryUrlOf(service: State) {
  const url = configOf(service).variable?.ecr_repo_url?.default;
  if (typeof url !== "string") throw new Error(`${service.directory} has no ecr_repo_url`);
  return url;
}

/** Whether an environment is protected: its load balancer refuses to be deleted. */
export const isProtected = (states: readonly State[]) =>
  states
    .flatMap((state) => Object.values(configOf(state).resource?.aws_lb ?? {}))
    .some(({ enable_deletion_protection }) => enable_deletion_protection === true);
