import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ServiceState } from "../synthesized/states";
import { copyImage } from "./copy-image";
import { EcrRepository } from "./ecr-repository";
import { refuseOtherDigest, taggedImage } from "./image-reference";
import { OciLayout } from "./oci-layout";
import { repositoryOfService } from "./repositories";
import { type Images, replaceImages } from "./service-images";

export interface PushImagesOptions {
  readonly services: readonly ServiceState[];
  /** Services without an image here are left out. */
  readonly images: Images;
  /** A folder with a subfolder for each service, which holds its image as `OciLayout` reads it. */
  readonly folder: string;
  /** Called with a line for each image. */
  readonly say: (line: string) => void;
}

/**
 * Pushes the images of services to their repositories, all at the same time.
 *
 * @returns each image as `<commit SHA>@sha256:<digest>`
 * @throws when an image is neither in its repository nor in the folder, and when a tag names another image
 */
export function pushImages({ services, images, folder, say }: PushImagesOptions): Promise<Images> {
  return replaceImages(services, images, (state, image) =>
    push(state, image, join(folder, state.service), say),
  );
}

async function push(
  state: ServiceState,
  image: string,
  layout: string,
  say: (line: string) => void,
) {
  const { tag, digest: expected } = taggedImage(image);
  const to = new EcrRepository(repositoryOfService(state));
  try {
    const { digest, copied } = existsSync(layout)
      ? await copyImage({ from: new OciLayout(layout), to, tag, digest: expected })
      : { digest: await digestInRepository(to, state, layout, tag), copied: false };
    refuseOtherDigest(to.name, tag, expected ?? digest, digest);
    say(`${copied ? "Pushed" : "There already:"} ${to.name}:${tag}, ${digest}.`);
    return `${tag}@${digest}`;
  } finally {
    to.close();
  }
}

/** @throws when the repository does not have the tag; the message says how to build the image */
async function digestInRepository(
  repository: EcrRepository,
  { service, image }: ServiceState,
  layout: string,
  tag: string,
) {
  const found = await repository.image({ imageTag: tag });
  if (found) return found.digest;
  throw new Error(
    `${repository.name} has no image ${tag} of the service ${service}, and there is no folder ${layout} to push it from. Build it: docker buildx build --file ${image.dockerfile} --output type=oci,tar=false,dest=${layout} ${image.context}`,
  );
}
