import {
  BatchGetImageCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  type ECRClientConfig,
} from "@aws-sdk/client-ecr";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { EcrRepository } from "../../delivery/images/ecr-repository";
import { digestOf } from "../../delivery/images/manifest";
import { clientConfig, type LocalAws } from "../emulator/aws";
import { MANIFEST_MEDIA_TYPE, type Image } from "./image";

/**
 * Pushes an image to ECR with a tag. Pushing the same content again changes nothing.
 *
 * @throws Error when the tag already belongs to other content, and ECR's own error for any other failure
 */
export async function pushImage(props: {
  readonly aws: LocalAws;
  readonly repositoryName: string;
  readonly tag: string;
  readonly image: Image;
}): Promise<void> {
  const { aws, repositoryName, tag, image } = props;
  const repository = new EcrRepository(
    { registryId: aws.accountId, region: aws.region, repositoryName },
    clientConfig(aws),
  );
  try {
    for (const layer of image.layers) {
      await repository.upload(digestOf(layer), Readable.from([Buffer.from(layer)]));
    }
    await repository.put({ ...image, mediaType: MANIFEST_MEDIA_TYPE }, tag);
  } finally {
    repository.close();
  }
}

/** Milliseconds that Fargate's agent waits before each further attempt to pull an image. */
const PULL_RETRIES_MS = [1000, 2000, 4000, 8000];

export interface PullOptions {
  /** Milliseconds before each further attempt. @default - 1, 2, 4 and 8 seconds */
  readonly retriesMs?: readonly number[];
  /** Aborts the wait for the next attempt. */
  readonly signal?: AbortSignal;
}

/**
 * Resolves `<registry>/<repository>:<tag>` (or `@sha256:...`) to a digest, like Fargate's container agent when it pulls
 * an image. It uses the credentials of the execution role, and retries when an attempt fails.
 *
 * @throws Error whose message has the wording of ECS's stopped reason for the task
 */
export async function resolveImage(
  config: ECRClientConfig,
  image: string,
  { retriesMs = PULL_RETRIES_MS, signal }: PullOptions = {},
): Promise<string> {
  const reference = parseReference(image);
  const ecr = new ECRClient(config);
  try {
    for (const waitMs of retriesMs) {
      const digest = await digestOfImage(ecr, reference).catch(() => undefined);
      if (digest) return digest;
      await sleep(waitMs, undefined, { signal });
    }
    return await digestOfImage(ecr, reference);
  } catch (error) {
    const times = `pull image manifest has been retried ${retriesMs.length} time(s)`;
    throw cannotPull(`${times}: ${(error as Error).message}`, error);
  } finally {
    ecr.destroy();
  }
}

interface Reference {
  readonly image: string;
  readonly repository: string;
  readonly imageId: { readonly imageTag: string } | { readonly imageDigest: string };
}

function parseReference(image: string): Reference {
  const reference = /^[^/]+\/(?<repository>[^:@]+)(:(?<tag>[^@]+))?(@(?<digest>.+))?$/.exec(image);
  const { repository, tag, digest } = reference?.groups ?? {};
  if (!repository) {
    throw cannotPull(`${image} is not <registry>/<repository>:<tag>: only ECR images can be run`);
  }
  const imageId = digest ? { imageDigest: digest } : { imageTag: tag ?? "latest" };
  return { image, repository, imageId };
}

async function digestOfImage(ecr: ECRClient, { image, repository, imageId }: Reference) {
  await ecr.send(new GetAuthorizationTokenCommand({}));
  const found = await imageDigest(ecr, repository, imageId);
  if (!found) throw new Error(`${image}: not found`);
  return found;
}

/** The digest of the image with a tag, or `undefined` when the repository does not have the tag. */
export async function digestOfTag(aws: LocalAws, repositoryName: string, tag: string) {
  const ecr = new ECRClient(clientConfig(aws));
  try {
    return await imageDigest(ecr, repositoryName, { imageTag: tag });
  } finally {
    ecr.destroy();
  }
}

async function imageDigest(
  ecr: ECRClient,
  repositoryName: string,
  imageId: { imageTag: string } | { imageDigest: string },
): Promise<string | undefined> {
  const { images } = await ecr.send(
    new BatchGetImageCommand({ repositoryName, imageIds: [imageId] }),
  );
  return images?.[0]?.imageId?.imageDigest;
}

/** The error with the stopped reason of a task whose image cannot be pulled. */
export const cannotPull = (why: string, cause?: unknown) =>
  new Error(`CannotPullContainerError: ${why}`, { cause });
