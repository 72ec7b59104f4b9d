import {
  BatchGetImageCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  PutImageCommand,
  type ECRClientConfig,
} from "@aws-sdk/client-ecr";
import { clientConfig, type LocalAws } from "../aws";
import { manifestMediaType, type Image } from "./image";

/**
 * Registers an image in ECR under a tag. Pushing the same content again changes nothing.
 *
 * @throws Error when the tag already names other content, and ECR's own error for the rest
 */
export async function pushImage(props: {
  readonly aws: LocalAws;
  readonly repositoryName: string;
  readonly tag: string;
  readonly image: Image;
}): Promise<void> {
  const { aws, repositoryName, tag, image } = props;
  const ecr = new ECRClient(clientConfig(aws));
  try {
    const pushed = await digestOf(ecr, repositoryName, { imageTag: tag });
    if (pushed === image.digest) return;
    await ecr.send(
      new PutImageCommand({
        repositoryName,
        imageTag: tag,
        imageManifest: image.manifest,
        imageManifestMediaType: manifestMediaType,
        imageDigest: image.digest,
      }),
    );
  } catch (error) {
    // AWS calls it ImageTagAlreadyExists, the emulator ImageAlreadyExists.
    if (!/^Image(Tag)?AlreadyExistsException$/.test((error as Error).name)) throw error;
    throw new Error(
      `ImageTagAlreadyExistsException: the tag ${tag} of ${repositoryName} already names other ` +
        `content than ${image.digest}, and the repository's tags are immutable. Commit the change, ` +
        `or deploy it under another tag.`,
      { cause: error },
    );
  } finally {
    ecr.destroy();
  }
}

/**
 * What the container agent does to pull an image: resolves `<registry>/<repository>:<tag>` (or
 * `@sha256:...`) to a digest with the execution role's credentials.
 *
 * @throws Error whose message is the task's stopped reason in ECS's words
 */
export async function resolveImage(config: ECRClientConfig, image: string): Promise<string> {
  const reference = /^[^/]+\/(?<repository>[^:@]+)(:(?<tag>[^@]+))?(@(?<digest>.+))?$/.exec(image);
  const { repository, tag, digest } = reference?.groups ?? {};
  if (!repository) {
    throw cannotPull(`${image} is not <registry>/<repository>:<tag>: only ECR images can be run`);
  }
  const ecr = new ECRClient(config);
  try {
    await ecr.send(new GetAuthorizationTokenCommand({}));
    const imageId = digest ? { imageDigest: digest } : { imageTag: tag ?? "latest" };
    const found = await digestOf(ecr, repository, imageId);
    if (!found) throw new Error(`${image}: not found`);
    return found;
  } catch (error) {
    throw cannotPull((error as Error).message, error);
  } finally {
    ecr.destroy();
  }
}

/** Whether a repository has an image of this tag. */
export async function hasTag(aws: LocalAws, repositoryName: string, tag: string) {
  const ecr = new ECRClient(clientConfig(aws));
  try {
    return (await digestOf(ecr, repositoryName, { imageTag: tag })) !== undefined;
  } finally {
    ecr.destroy();
  }
}

async function digestOf(
  ecr: ECRClient,
  repositoryName: string,
  imageId: { imageTag: string } | { imageDigest: string },
): Promise<string | undefined> {
  const { images } = await ecr.send(
    new BatchGetImageCommand({ repositoryName, imageIds: [imageId] }),
  );
  return images?.[0]?.imageId?.imageDigest;
}

/** The stopped reason of a task whose image is not there. */
export function cannotPull(why: string, cause?: unknown): Error {
  return new Error(`CannotPullContainerError: pull image manifest has been retried: ${why}`, {
    cause,
  });
}
