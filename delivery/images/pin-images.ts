import { forApp } from "../app";
import { isService, type State } from "../synthesized/states";
import { repositoryUrlOf } from "../synthesized/config";
import { EcrRepository } from "./ecr-repository";
import {
  formatImageReference,
  type ImageReference,
  parseImageReference,
  refuseOtherDigest,
} from "./image-reference";
import { repositoryOf } from "./repository-url";

/** By the name of a service's state: the image that it is to run, as `<commit SHA>@sha256:<digest>`. */
export type Images = ReadonlyMap<string, string>;

/** A repository does not have an image, or is not there itself. */
class MissingImage extends Error {}

/**
 * Finds an image in the repository of each service, so that what is planned and deployed is an image,
 * and not a tag that can come to name another one.
 *
 * @param image a commit SHA, a digest, or both
 * @throws when an image is not there, and when its tag names another digest than the one that is given
 */
export function pinImages(states: readonly State[], image: string): Promise<Images> {
  return pin(states, image, (missing) => {
    throw missing;
  });
}

/** The same for a plan, which may come before the push: an image that is not there stays as it is given. */
export function pinImagesThatExist(states: readonly State[], image: string): Promise<Images> {
  return pin(states, image, () => image);
}

async function pin(
  states: readonly State[],
  image: string,
  whenMissing: (missing: MissingImage) => string,
) {
  const reference = parseImageReference(image);
  const entries = states.filter(isService).map(async (state) => {
    const pinned = await find(state, reference).catch((error: unknown) => {
      if (error instanceof MissingImage) return whenMissing(error);
      throw error;
    });
    return [state.name, pinned] as const;
  });
  return new Map(await Promise.all(entries));
}

async function find(service: State, { tag, digest }: ImageReference) {
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
    const [environment = ""] = service.name.split("-");
    throw new MissingImage(
      `There is no repository ${url} yet. Deploy it first, ${forApp(`npm run deploy -- ${environment} --only ecr --image-tag ${formatImageReference({ tag, digest })}`)}, then push the image, then deploy the rest.`,
    );
  } finally {
    repository.close();
  }
  throw new MissingImage(
    `${url} has no image ${formatImageReference({ tag, digest })}. Push it, or promote it from the environment before: ${forApp("npm run promote")}`,
  );
}
