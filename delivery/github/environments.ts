import { PLACEHOLDER_ACCOUNT } from "../../model/environment";
import { iamArn } from "../../model/region";
import { readBackend } from "../synthesized/config";
import { isBackend, readStates } from "../synthesized/states";

/** The values of an environment from which GitHub's jobs derive the roles of its account. */
export interface DeployedEnvironment {
  readonly name: string;
  /** The source file that defines it, relative to the root of the repository. */
  readonly file: string;
  /** `<platform>-<environment>`. */
  readonly prefix: string;
  readonly account: string;
  readonly region: string;
}

/** The environments of a synthesized output, in the order of their names. */
export function readEnvironments(outputDirectory: string): DeployedEnvironment[] {
  return readStates(outputDirectory)
    .filter(isBackend)
    .map(({ environment, environmentFile, directory }) => {
      const { bucket, region, allowed_account_ids } = readBackend(directory);
      const [account] = allowed_account_ids;
      const prefix = bucket.replace(`-terraform-state-${account}`, "");
      return { name: environment, file: environmentFile, prefix, account, region };
    });
}

export const hasAccount = ({ account }: DeployedEnvironment) => account !== PLACEHOLDER_ACCOUNT;

/** The roles from which a job of one GitHub environment gets its credentials. */
export interface JobRoles {
  readonly region: string;
  readonly account: string;
  /** A role in the tooling account. It trusts only the OIDC tokens of this GitHub environment. */
  readonly ciRole: string;
  /** The deploy role or the plan role in the environment's account. */
  readonly role: string;
}

/**
 * The roles of a job. Jobs that deploy dev run in the GitHub environment `dev`, and jobs that plan it in `dev-plan`.
 * `foundation/github.yaml` and `foundation/delivery.yaml` create the roles under the same names.
 *
 * @throws when the environment does not exist or has no account, and when the tooling account is not an account id
 */
export function jobRoles(
  environments: readonly DeployedEnvironment[],
  githubEnvironment: string,
  toolingAccount: string,
): JobRoles {
  const name = githubEnvironment.replace(/-plan$/, "");
  const environment = environments.find((candidate) => candidate.name === name);
  if (!environment) {
    const known = environments.flatMap((one) => [one.name, `${one.name}-plan`]).join(", ");
    throw new Error(`GitHub environment is "${githubEnvironment}", expected one of ${known}`);
  }
  if (!hasAccount(environment)) {
    throw new Error(
      `${environment.file}: account is "${environment.account}", which is a placeholder: replace it with the id of the account`,
    );
  }
  if (!/^\d{12}$/.test(toolingAccount)) {
    throw new Error(
      `tooling account is "${toolingAccount}", expected 12 digits: set the repository variable TOOLING_ACCOUNT`,
    );
  }
  const { account, prefix, region } = environment;
  const suffix = githubEnvironment === name ? "" : "-plan";
  return {
    region,
    account,
    ciRole: iamArn(region, toolingAccount, `role/github-${prefix}${suffix}`),
    role: iamArn(region, account, `role/ci-${prefix}${suffix || "-deploy"}`),
  };
}
