import {
  BatchCheckLayerAvailabilityCommand,
  CompleteLayerUploadCommand,
  DescribeImagesCommand,
  type ECRClient,
  InitiateLayerUploadCommand,
  PutImageCommand,
  UploadLayerPartCommand,
} from "@aws-sdk/client-ecr";
import type { ImageTarget, Manifest } from "./image";
import type { RepositoryName } from "./repository-url";

/** A repository of ECR, through its API: no Docker, and no password of a registry. */
export class EcrRepository implements ImageTarget {
  constructor(
    private readonly ecr: ECRClient,
    private readonly name: Omit<RepositoryName, "region">,
  ) {}

  /** The digest of what is tagged so. */
  async tagged(tag: string): Promise<string | undefined> {
    const imageIds = [{ imageTag: tag }];
    const found = await this.ecr
      .send(new DescribeImagesCommand({ ...this.name, imageIds }))
      .catch(unless("ImageNotFoundException"));
    return found?.imageDetails?.[0]?.imageDigest;
  }

  async missingBlobs(digests: readonly string[]) {
    const { layers = [] } = await this.ecr.send(
      new BatchCheckLayerAvailabilityCommand({ ...this.name, layerDigests: [...digests] }),
    );
    const there = layers.filter(({ layerAvailability }) => layerAvailability === "AVAILABLE");
    return digests.filter((digest) => !there.some(({ layerDigest }) => layerDigest === digest));
  }

  async putBlob(digest: string, bytes: Uint8Array) {
    const { name } = this;
    const upload = await this.ecr.send(new InitiateLayerUploadCommand({ ...name }));
    const { uploadId, partSize = bytes.length } = upload;
    for (let first = 0; first < bytes.length; first += partSize) {
      const layerPartBlob = bytes.subarray(first, first + partSize);
      const partLastByte = first + layerPartBlob.length - 1;
      await this.ecr.send(
        new UploadLayerPartCommand({
          ...name,
          uploadId,
          partFirstByte: first,
          partLastByte,
          layerPartBlob,
        }),
      );
    }
    await this.ecr
      .send(new CompleteLayerUploadCommand({ ...name, uploadId, layerDigests: [digest] }))
      .catch(unless("LayerAlreadyExistsException"));
  }

  async putManifest({ mediaType, digest, text }: Manifest, tag?: string) {
    await this.ecr
      .send(
        new PutImageCommand({
          ...this.name,
          imageManifest: text,
          imageManifestMediaType: mediaType,
          imageDigest: digest,
          imageTag: tag,
        }),
      )
      .catch(unless("ImageAlreadyExistsException"));
  }
}

/** Of an error with this name nothing, as what was wanted is so already; all others are thrown. */
const unless = (name: string) => (error: unknown) => {
  if ((error as Error).name !== name) throw error;
  return undefined;
};
