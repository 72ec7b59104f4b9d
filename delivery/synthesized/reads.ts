import { readConfig } from "./config";
import type { State } from "./states";

/** The states that a state reads outputs of: each by its name and its key in the bucket. */
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

/** Whether an environment is protected: its load balancer refuses to be deleted. */
export const isProtected = (states: readonly State[]) =>
  states
    .flatMap((state) => Object.values(readConfig(state.directory).resource.aws_lb ?? {}))
    .some(({ enable_deletion_protection }) => enable_deletion_protection === true);
