import { PLACEHOLDER_ACCOUNT } from "../../model/environment";
import { iamArn } from "../../model/region";
import { readBackend } from "../synthesized/config";
import { isBackend, readStates } from "../synthesized/states";

/** What GitHub's jobs must know of an environment to come to its account. */
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

/** Where a job of one GitHub environment gets its credentials. */
export interface JobRoles {
  readonly region: string;
  readonly account: string;
  /** Of the tooling account; trusts this GitHub environment's OIDC tokens only. */
  readonly ciRole: string;
  /** Of the environment's account: its deploy role, or its plan role. */
  readonly role: string;
}

/**
 * The roles of a job: `dev` is the GitHub environment of the jobs that deploy dev, `dev-plan` of those
 * that plan it. The names are a contract with `foundation/github.yaml` and `foundation/delivery.yaml`.
 *
 * @throws when there is no such environment, it has no account, or the tooling account is no account id
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
      `${environment.file}: account is "${environment.account}", which stands for none: put the account's id there`,
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
