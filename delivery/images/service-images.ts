import type { ServiceState } from "../synthesized/states";
import { lastCommitOf, uncommittedFiles } from "./build-inputs";
import { parseImageReference } from "./image-reference";

/** The image that each service is to run, by the name of the service: a commit SHA, a digest, or both with `@`. */
export type Images = ReadonlyMap<string, string>;

/**
 * Runs `replace` for each service that has an image, all at the same time.
 *
 * @returns the image that each `replace` returns. Services without an image are left out.
 */
export async function replaceImages(
  services: readonly ServiceState[],
  images: Images,
  replace: (state: ServiceState, image: string) => Promise<string>,
): Promise<Images> {
  const entries = services.map(async (state) => {
    const image = images.get(state.service);
    return image === undefined ? [] : [[state.service, await replace(state, image)] as const];
  });
  return new Map((await Promise.all(entries)).flat());
}

/**
 * Reads the values of `--image-tag`, which are `<image>` for all services or `<service>=<image>` for one.
 *
 * @returns the images of the services that have one; an empty map without values
 * @throws for a malformed image, an unknown service, and two images for one service
 */
export function namedImages(services: readonly ServiceState[], values: readonly string[]): Images {
  const names = services.map(({ service }) => service);
  const images = new Map<string, string>();
  for (const value of values) {
    const [, service, image = ""] = /^(?:([^=]*)=)?(.*)$/s.exec(value) ?? [];
    if (service !== undefined && !names.includes(service)) {
      throw new Error(
        `--image-tag is "${value}", expected the name of a service before "=": ${names.join(", ")}`,
      );
    }
    parseImageReference(image, value);
    for (const name of service === undefined ? names : [service]) {
      const other = images.get(name);
      if (other !== undefined) {
        throw new Error(
          `--image-tag names two images for the service ${name}, ${other} and ${image}: give one for each service, or one for all`,
        );
      }
      images.set(name, image);
    }
  }
  return images;
}

/**
 * The image of each service, tagged with the last commit that changed what it is built from.
 *
 * @param directory the root of the repository
 * @throws UnknownCommit when Git cannot say which commit that is
 */
export async function committedImages(
  services: readonly ServiceState[],
  directory = ".",
): Promise<Images> {
  const entries = services.map(
    async ({ service, image }) => [service, await lastCommitOf(image, directory)] as const,
  );
  return new Map(await Promise.all(entries));
}

/**
 * The images that the values of `--image-tag` name, or without values the `committedImages`.
 *
 * @throws whenever `namedImages` or `committedImages` throws
 */
export async function wantedImages(
  services: readonly ServiceState[],
  values: readonly string[],
): Promise<Images> {
  const named = namedImages(services, values);
  return named.size > 0 ? named : committedImages(services);
}

/**
 * @throws when files that an image is built from are not committed, because then no commit can be its tag
 */
export async function refuseUncommitted(services: readonly ServiceState[], directory = ".") {
  for (const { service, image } of services) {
    const files = await uncommittedFiles(image, directory);
    if (files.length === 0) continue;
    const shown = files.length > 5 ? [...files.slice(0, 5), `${files.length - 5} more`] : files;
    throw new Error(
      `The image of the service ${service} is built from files that are not committed: ${shown.join(", ")}. Commit them, or name the image with --image-tag.`,
    );
  }
}

/** The `--image-tag` options for these images. */
export function imageTagOptions(images: Images) {
  const [image, ...others] = images;
  if (image && others.length === 0) return `--image-tag ${image[1]}`;
  return [...images].map(([service, each]) => `--image-tag ${service}=${each}`).join(" ");
}
