import { forApp } from "../app";
import type { ServiceState } from "../synthesized/states";
import { repositoryUrlOf } from "../synthesized/config";
import { EcrRepository } from "./ecr-repository";
import { formatImageReference, parseImageReference, refuseOtherDigest } from "./image-reference";
import { repositoryOf } from "./repository-url";
import { type Images, replaceImages } from "./service-images";

/** An image is not in its repository, or the repository does not exist. */
class MissingImage extends Error {}

/**
 * Adds the digest to the image of each service, as its repository has it. A plan and a deploy then use the same
 * image, even if the tag comes to name another one. Services without an image are left out.
 *
 * @returns each image as `<commit SHA>@sha256:<digest>`
 * @throws when an image is not in its repository, and when its tag has another digest than the given one
 */
export function pinImages(services: readonly ServiceState[], images: Images): Promise<Images> {
  return pin(services, images, (_, missing) => {
    throw missing;
  });
}

/** Like `pinImages`, but keeps an image that is not there as it is given, because a plan may come before the push. */
export function pinImagesThatExist(
  services: readonly ServiceState[],
  images: Images,
): Promise<Images> {
  return pin(services, images, (image) => image);
}

const pin = (
  services: readonly ServiceState[],
  images: Images,
  whenMissing: (image: string, missing: MissingImage) => string,
) =>
  replaceImages(services, images, (state, image) =>
    find(state, image).catch((error: unknown) => {
      if (error instanceof MissingImage) return whenMissing(image, error);
      throw error;
    }),
  );

async function find(service: ServiceState, image: string) {
  const { tag, digest } = parseImageReference(image);
  const url = repositoryUrlOf(service);
  const repository = new EcrRepository(repositoryOf(url));
  try {
    const imageId = tag === undefined ? { imageDigest: digest } : { imageTag: tag };
    const found = await repository.image(imageId);
    if (tag !== undefined && digest !== undefined) {
      refuseOtherDigest(repository.name, tag, digest, found?.digest);
    }
    if (found) return formatImageReference({ tag, digest: found.digest });
  } catch (error) {
    if ((error as Error).name !== "RepositoryNotFoundException") throw error;
    throw new MissingImage(
      `There is no repository ${url} yet. Deploy it first, ${forApp(`npm run deploy -- ${service.environment} --only ecr`)}, then push the image, then deploy the rest.`,
    );
  } finally {
    repository.close();
  }
  throw new MissingImage(
    `${url} has no image ${image}. Push it, or promote it from the environment before: ${forApp("npm run promote")}`,
  );
}
