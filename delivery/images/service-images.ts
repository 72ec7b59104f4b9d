import type { ServiceState } from "../synthesized/states";
import { lastCommitOf, uncommittedFiles } from "./build-inputs";
import { parseImageReference } from "./image-reference";

/** By the name of a service: the image that it is to run, as a commit SHA, a digest, or both with `@`. */
export type Images = ReadonlyMap<string, string>;

/**
 * Runs `replace` for each service that has an image, side by side.
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
 * Reads the values of `--image-tag`: `<image>` for all services, `<service>=<image>` for one.
 *
 * @returns the services that a value names, none without values
 * @throws for an image that is malformed, a service that there is not, and two images for one service
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
 * The image of each service by the last commit that changed what it is built from.
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
 * The images that `--image-tag` names, or those of the last commits without any.
 *
 * @throws as `namedImages` and `committedImages`
 */
export async function wantedImages(
  services: readonly ServiceState[],
  values: readonly string[],
): Promise<Images> {
  const named = namedImages(services, values);
  return named.size > 0 ? named : committedImages(services);
}

/**
 * @throws when files that an image is built from are not committed: no commit names that image
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

/** The options of a command that names these images. */
export function imageTagOptions(images: Images) {
  const [image, ...others] = images;
  if (image && others.length === 0) return `--image-tag ${image[1]}`;
  return [...images].map(([service, each]) => `--image-tag ${service}=${each}`).join(" ");
}
