import { formatImageReference } from "../../delivery/images/image-reference";
import type { LocalAws } from "../emulator/aws";
import { buildImage } from "./image";
import { exportCommit } from "./image-tag";
import { digestOfTag, pushImage } from "./registry";

export interface PublishImageOptions {
  readonly aws: LocalAws;
  /** Without a tag: `<registry>/<repository>`. */
  readonly repositoryUrls: readonly string[];
  readonly tag: string;
  /** Folder of the Dockerfile. A tag that is a commit of its repository is built from that commit. */
  readonly contextDirectory: string;
  readonly imagesDirectory: string;
}

/**
 * Builds an image and pushes it to each repository that does not have its tag yet.
 *
 * @returns the image as `<tag>@<digest>`
 */
export async function publishImage(options: PublishImageOptions) {
  const { aws, tag, contextDirectory, imagesDirectory } = options;
  const repositories = options.repositoryUrls.map((url) => url.slice(url.indexOf("/") + 1));
  const present = await Promise.all(repositories.map((name) => digestOfTag(aws, name, tag)));
  const lacking = repositories.filter((_, i) => present[i] === undefined);
  const [digest] = present;
  if (lacking.length === 0 && digest !== undefined) return formatImageReference({ tag, digest });
  const context = await exportCommit({
    directory: contextDirectory,
    sha: tag,
    temporaryDirectory: imagesDirectory,
  });
  try {
    const image = await buildImage({ ...context, imagesDirectory });
    await Promise.all(
      lacking.map((repositoryName) => pushImage({ aws, repositoryName, tag, image })),
    );
    return formatImageReference({ tag, digest: image.digest });
  } finally {
    await context.dispose();
  }
}
