import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { attestingRepository, verifyAttestation } from "./attestation";
import { copyImage } from "./copy-image";
import { EcrRepository } from "./ecr-repository";
import { type RepositoryPair, repositoryPairs } from "./repositories";

export interface PromoteImageOptions {
  /** Names of environments. */
  readonly from: string;
  readonly to: string;
  readonly tag: string;
  /** The image that was built. @default - the one that the tag names where it comes from */
  readonly digest?: string;
  /** Folder of the synthesized output. */
  readonly output: string;
  /** Told what is being done, line by line. */
  readonly say: (line: string) => void;
}

/**
 * Copies the image of each service from one environment's repository to the next one's.
 *
 * @returns their digests
 */
export async function promoteImage(options: PromoteImageOptions): Promise<string[]> {
  const pairs = repositoryPairs(options.output, options.from, options.to);
  await refuseWrongAccount(pairs);
  const digests: string[] = [];
  for (const pair of pairs) digests.push(await promote(pair, options));
  return digests;
}

async function promote(pair: RepositoryPair, { tag, digest: expected, say }: PromoteImageOptions) {
  const [from, to] = [new EcrRepository(pair.from), new EcrRepository(pair.to)];
  const title = `${from.name} -> ${to.name}`;
  try {
    say(`${title}: ${tag}`);
    await verifyBuild(from, tag, expected);
    const onProgress = (done: number, total: number) => {
      say(`${title}: ${megabytes(done)} of ${megabytes(total)} MB of layers`);
    };
    const { digest, copied } = await copyImage({ from, to, tag, digest: expected, onProgress });
    say(`${title}: ${copied ? "copied" : "is there already"}, ${digest}`);
    return digest;
  } catch (error) {
    throw new Error(
      `${title}: ${(error as Error).message}\nThe tag ${tag} was not put. What was copied stays: run it again once this is solved.`,
      { cause: error },
    );
  } finally {
    from.close();
    to.close();
  }
}

/** @throws when GitHub has not attested the build of the image that is promoted */
async function verifyBuild(from: EcrRepository, commit: string, digest: string | undefined) {
  const image = await from.image(digest ? { imageDigest: digest } : { imageTag: commit });
  // When the image is not there, copyImage reports it.
  if (!image) return;
  const repository = attestingRepository(process.env);
  await verifyAttestation({ ...image, repository, commit });
}

/** The target's credentials write; the source's repository policy lets them read. */
async function refuseWrongAccount(pairs: readonly RepositoryPair[]) {
  for (const { to } of pairs) {
    const sts = new STSClient({ region: to.region });
    const { Account } = await sts.send(new GetCallerIdentityCommand({}));
    sts.destroy();
    if (Account === to.registryId) continue;
    throw new Error(
      `The AWS credentials are of account ${Account ?? "none"}, expected ${to.registryId}, which the image is promoted to. Use credentials of that account.`,
    );
  }
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
