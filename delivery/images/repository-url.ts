import type { RepositoryAddress } from "./ecr-repository";

const URL =
  /^(?<registryId>\d{12})\.dkr\.ecr\.(?<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?\/(?<repositoryName>.+)$/;

/** @throws when `url` is not `<account>.dkr.ecr.<region>.amazonaws.com/<repository>` */
export function repositoryOf(url: string): RepositoryAddress {
  const { registryId, region, repositoryName } = URL.exec(url)?.groups ?? {};
  if (!registryId || !region || !repositoryName) {
    throw new Error(
      `ecr_repo_url is "${url}", expected <account>.dkr.ecr.<region>.amazonaws.com/<repository>`,
    );
  }
  return { registryId, region, repositoryName };
}
