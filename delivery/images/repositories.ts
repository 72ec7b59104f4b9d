import { PLACEHOLDER_ACCOUNT } from "../../model/environment";
import { isService, type ServiceState, statesOf } from "../synthesized/states";
import { repositoryUrlOf } from "../synthesized/config";
import type { RepositoryAddress } from "./ecr-repository";
import { repositoryOf } from "./repository-url";

/** The repositories of one service in two environments. */
export interface RepositoryPair {
  readonly service: string;
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
  return [...targets].map(([service, target]) => {
    const source = sources.get(service);
    if (source === undefined) {
      throw new Error(
        `${to} has the service ${service}, but ${from} has no such service in ${output}: an image can only be promoted between environments that both have its service`,
      );
    }
    return { service, from: source, to: target };
  });
}

/** The repositories of an environment, by the name of the service. */
function repositoriesOf(output: string, environment: string) {
  const services = statesOf(environment, output).filter(isService);
  return new Map(services.map((state) => [state.service, repositoryOfService(state)]));
}

/**
 * The repository of a service.
 *
 * @throws when the environment's account is the placeholder
 */
export function repositoryOfService(state: ServiceState): RepositoryAddress {
  const address = repositoryOf(repositoryUrlOf(state));
  if (address.registryId === PLACEHOLDER_ACCOUNT) {
    throw new Error(
      `${state.environmentFile}: account is the placeholder "${PLACEHOLDER_ACCOUNT}", expected the 12 digits of an account of yours. Set it first: there is no repository yet.`,
    );
  }
  return address;
}
