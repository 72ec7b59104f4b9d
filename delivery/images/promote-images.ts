import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { attestingRepository, verifyAttestation } from "./attestation";
import { copyImage } from "./copy-image";
import { EcrRepository } from "./ecr-repository";
import { taggedImage, type TaggedImage } from "./image-reference";
import { type RepositoryPair, repositoryPairs } from "./repositories";
import type { Images } from "./service-images";

export interface PromoteImagesOptions {
  /** The names of the environments. */
  readonly from: string;
  readonly to: string;
  /** The images to promote, by service. Each has a tag. It also has a digest, if the digest is known. */
  readonly images: Images;
  /** The folder of the synthesized output. */
  readonly output: string;
  /** Called with each line of progress. */
  readonly say: (line: string) => void;
}

/**
 * Copies the images of services from one environment's repositories to those of the next environment, all at the same time.
 *
 * @returns each image as `<commit SHA>@sha256:<digest>`
 */
export async function promoteImages(options: PromoteImagesOptions): Promise<Images> {
  const { output, from, to, images, say } = options;
  const references = new Map(
    [...images].map(([service, image]) => [service, taggedImage(image)] as const),
  );
  const pairs = repositoryPairs(output, from, to).filter(({ service }) => images.has(service));
  await refuseWrongAccount(pairs);
  const promoted = pairs.map(async (pair) => {
    const { tag, digest } = references.get(pair.service) as TaggedImage;
    return [pair.service, `${tag}@${await promote(pair, tag, digest, say)}`] as const;
  });
  return new Map(await Promise.all(promoted));
}

async function promote(
  pair: RepositoryPair,
  tag: string,
  expected: string | undefined,
  say: (line: string) => void,
) {
  const [from, to] = [new EcrRepository(pair.from), new EcrRepository(pair.to)];
  const title = `${from.name} -> ${to.name}`;
  try {
    say(`${title}: ${tag}`);
    await verifyBuild(from, pair.service, tag, expected);
    const onProgress = (done: number, total: number) => {
      say(`${title}: ${megabytes(done)} of ${megabytes(total)} MB of layers`);
    };
    const { digest, copied } = await copyImage({ from, to, tag, digest: expected, onProgress });
    say(`${title}: ${copied ? "copied" : "is there already"}, ${digest}`);
    return digest;
  } catch (error) {
    throw new Error(
      `${title}: ${(error as Error).message}\nThe tag ${tag} was not put. Solve this, then run the command again. What was copied stays.`,
      { cause: error },
    );
  } finally {
    from.close();
    to.close();
  }
}

/** @throws when GitHub has not attested the build of the image that is promoted */
async function verifyBuild(
  from: EcrRepository,
  service: string,
  tag: string,
  digest: string | undefined,
) {
  const image = await from.image(digest ? { imageDigest: digest } : { imageTag: tag });
  // When the image is not there, copyImage reports it.
  if (!image) return;
  const repository = attestingRepository(process.env);
  await verifyAttestation({ ...image, repository, name: `${service}:${tag}` });
}

/** The credentials must be for the account of the target. The source's repository policy lets them read there. */
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
