/** A repository of ECR by its parts. */
export interface RepositoryName {
  /** The account. */
  readonly registryId: string;
  readonly region: string;
  readonly repositoryName: string;
}

const URL = /^(?<registryId>\d+)\.dkr\.ecr\.(?<region>[\w-]+)\.[\w.]+\/(?<repositoryName>.+)$/;

/** @throws when `url` is not `<account>.dkr.ecr.<region>.amazonaws.com/<name>` */
export function repositoryOf(url: string): RepositoryName {
  const { registryId, region, repositoryName } = URL.exec(url)?.groups ?? {};
  if (!registryId || !region || !repositoryName) {
    throw new Error(`${url} is not <account>.dkr.ecr.<region>.amazonaws.com/<name>`);
  }
  return { registryId, region, repositoryName };
}
