import type { Image } from "../../model/image";
import { formatImageReference } from "../../delivery/images/image-reference";
import { type Images, replaceImages } from "../../delivery/images/service-images";
import { repositoryUrlOf } from "../../delivery/synthesized/config";
import type { ServiceState } from "../../delivery/synthesized/states";
import type { LocalAws } from "../emulator/aws";
import { buildImage } from "./image";
import { exportCommit } from "./image-tag";
import { digestOfTag, pushImage } from "./registry";

interface Publishing {
  readonly aws: LocalAws;
  /**
   * The folder that the paths of images are relative to. If the tag is a commit of its repository, the image is built
   * from the files of that commit.
   */
  readonly root: string;
  readonly imagesDirectory: string;
}

export interface PublishImagesOptions extends Publishing {
  readonly services: readonly ServiceState[];
  /** The tag of each service's image. Services without a tag are left out. */
  readonly tags: Images;
}

/**
 * Publishes the images of services concurrently.
 *
 * @returns each image as `<tag>@<digest>`
 */
export function publishImages(options: PublishImagesOptions): Promise<Images> {
  const { services, tags, ...publishing } = options;
  return replaceImages(services, tags, (state, tag) =>
    publishImage({
      ...publishing,
      repositoryUrl: repositoryUrlOf(state),
      tag,
      source: state.image,
    }),
  );
}

export interface PublishImageOptions extends Publishing {
  /** `<registry>/<repository>`, without a tag. */
  readonly repositoryUrl: string;
  readonly tag: string;
  readonly source: Image;
}

/**
 * Builds an image and pushes it, unless the repository already has its tag.
 *
 * @returns the image as `<tag>@<digest>`
 */
export async function publishImage(options: PublishImageOptions) {
  const { aws, root, imagesDirectory, repositoryUrl, tag, source } = options;
  const repositoryName = repositoryUrl.slice(repositoryUrl.indexOf("/") + 1);
  const present = await digestOfTag(aws, repositoryName, tag);
  if (present !== undefined) return formatImageReference({ tag, digest: present });
  const files = await exportCommit({
    root,
    image: source,
    sha: tag,
    temporaryDirectory: imagesDirectory,
  });
  try {
    const image = await buildImage({ root: files.root, source, imagesDirectory });
    await pushImage({ aws, repositoryName, tag, image });
    return formatImageReference({ tag, digest: image.digest });
  } finally {
    await files.dispose();
  }
}
