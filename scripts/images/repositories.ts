import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PLACEHOLDER_ACCOUNT } from "../../environments/environment";
import { isService, readStates } from "../states";
import type { RepositoryAddress } from "./ecr-repository";

/** Where the same service's images are in two environments. */
export interface RepositoryPair {
  readonly from: RepositoryAddress;
  readonly to: RepositoryAddress;
}

/**
 * The repositories of all services, from the synthesized output.
 *
 * @throws when an environment is unknown or its account is the placeholder
 */
export function repositoryPairs(output: string, from: string, to: string): RepositoryPair[] {
  const sources = repositoriesOf(output, from);
  const targets = repositoriesOf(output, to);
  return [...targets].map(([state, target]) => {
    const source = sources.get(state);
    if (source === undefined) {
      throw new Error(
        `there is no ${from}-${state} to promote to ${to}-${state} from in ${output}`,
      );
    }
    return { from: source, to: target };
  });
}

/** By the state without its environment, such as `ecs-service`. */
function repositoriesOf(output: string, environment: string) {
  const services = readStates(output).filter(isService);
  const own = services.filter(({ name }) => name.startsWith(`${environment}-`));
  if (own.length === 0) {
    const known = [...new Set(services.map(({ name }) => name.split("-")[0]))];
    throw new Error(`environment is "${environment}", expected one of ${known.join(", ")}`);
  }
  return new Map(
    own.map(({ name, directory }) => [
      name.slice(environment.length + 1),
      readRepository(directory, environment),
    ]),
  );
}

function readRepository(directory: string, environment: string): RepositoryAddress {
  const file = join(directory, "cdk.tf.json");
  const { variable } = JSON.parse(readFileSync(file, "utf8")) as {
    variable: { ecr_repo_url: { default: string } };
  };
  const url = variable.ecr_repo_url.default;
  const [, registryId, region, repositoryName] =
    /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/(.+)$/.exec(url) ?? [];
  if (!registryId || !region || !repositoryName) {
    throw new Error(
      `${file}: ecr_repo_url is "${url}", expected <account>.dkr.ecr.<region>.amazonaws.com/<repository>`,
    );
  }
  if (registryId === PLACEHOLDER_ACCOUNT) {
    throw new Error(
      `environments/${environment}.ts: account is the placeholder "${PLACEHOLDER_ACCOUNT}", expected the 12 digits of an account of yours. Set it first: there is no repository to copy between yet.`,
    );
  }
  return { registryId, region, repositoryName };
}
