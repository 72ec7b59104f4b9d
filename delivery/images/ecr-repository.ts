import {
  BatchCheckLayerAvailabilityCommand,
  BatchGetImageCommand,
  CompleteLayerUploadCommand,
  ECRClient,
  type ECRClientConfig,
  GetDownloadUrlForLayerCommand,
  type ImageIdentifier,
  InitiateLayerUploadCommand,
  ListImageReferrersCommand,
  type ListImageReferrersCommandOutput,
  PutImageCommand,
  UploadLayerPartCommand,
} from "@aws-sdk/client-ecr";
import { refuseOtherDigest } from "./image-reference";
import { type Descriptor, digestOf, inParts, MEDIA_TYPES } from "./manifest";

export interface RepositoryAddress {
  /** The account: 12 digits. */
  readonly registryId: string;
  readonly region: string;
  readonly repositoryName: string;
}

/** An image, an index of images, or what is kept as one: a signature, an attestation. */
export interface StoredImage {
  readonly digest: string;
  /** The very text that the digest is of. */
  readonly manifest: string;
  readonly mediaType: string;
}

/** Where images can be copied from: a repository, a folder. */
export type ImageSource = Pick<
  EcrRepository,
  "name" | "image" | "tagged" | "referrers" | "download"
>;

/** ECR looks for so many layers at once. */
const LAYERS_A_CALL = 100;

/** A repository of ECR by ECR's own API: no Docker, and no credentials but the AWS ones at hand. */
export class EcrRepository {
  private readonly ecr: ECRClient;
  private readonly where: { readonly registryId: string; readonly repositoryName: string };

  /** @param client configuration of the SDK's client beside the region */
  constructor(
    { registryId, region, repositoryName }: RepositoryAddress,
    client: ECRClientConfig = {},
  ) {
    this.ecr = new ECRClient({ ...client, region });
    this.where = { registryId, repositoryName };
  }

  get name() {
    return this.where.repositoryName;
  }

  close() {
    this.ecr.destroy();
  }

  /** @throws when the manifest that came is not the one that its digest says */
  async image(id: ImageIdentifier): Promise<StoredImage | undefined> {
    return (await this.images([id])).values().next().value;
  }

  /** What there is under these tags, by tag. */
  async tagged(tags: readonly string[]): Promise<ReadonlyMap<string, StoredImage>> {
    return this.images(tags.map((imageTag) => ({ imageTag })));
  }

  /** By tag, where there is one. */
  private async images(imageIds: ImageIdentifier[]): Promise<ReadonlyMap<string, StoredImage>> {
    const { images = [], failures = [] } = await this.ecr.send(
      new BatchGetImageCommand({ ...this.where, imageIds, acceptedMediaTypes: MEDIA_TYPES }),
    );
    for (const { failureCode, failureReason = "" } of failures) {
      if (failureCode === "ImageNotFound") continue;
      throw new Error(`${this.name}: ${failureCode ?? "ServerException"}: ${failureReason}`);
    }
    const found = images.map(({ imageId, imageManifest = "", imageManifestMediaType = "" }) => {
      const { imageDigest: digest = "", imageTag = "" } = imageId ?? {};
      const actual = digestOf(imageManifest);
      if (actual !== digest) {
        throw new Error(`${this.name}: the manifest ${digest} came with the digest ${actual}`);
      }
      const image = { digest, manifest: imageManifest, mediaType: imageManifestMediaType };
      return [imageTag, image] as const;
    });
    return new Map(found);
  }

  /** Digests of the images whose `subject` is this one: signatures and attestations. */
  async referrers(digest: string): Promise<string[]> {
    const digests: string[] = [];
    let nextToken: string | undefined;
    do {
      const page: ListImageReferrersCommandOutput = await this.ecr.send(
        new ListImageReferrersCommand({
          ...this.where,
          subjectId: { imageDigest: digest },
          nextToken,
        }),
      );
      digests.push(...(page.referrers ?? []).map((referrer) => referrer.digest ?? ""));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return digests;
  }

  /** Those of the layers that are not here. */
  async lacking<Layer extends Descriptor>(layers: readonly Layer[]): Promise<Layer[]> {
    const lacking: Layer[] = [];
    for (let i = 0; i < layers.length; i += LAYERS_A_CALL) {
      const asked = layers.slice(i, i + LAYERS_A_CALL);
      const { layers: found = [] } = await this.ecr.send(
        new BatchCheckLayerAvailabilityCommand({
          ...this.where,
          layerDigests: asked.map(({ digest }) => digest),
        }),
      );
      const available = found.filter((each) => each.layerAvailability === "AVAILABLE");
      const digests = available.map(({ layerDigest }) => layerDigest);
      lacking.push(...asked.filter(({ digest }) => !digests.includes(digest)));
    }
    return lacking;
  }

  /**
   * The layer's bytes. The layer is requested when the first byte is read, so that nothing happens
   * between the response and the reading of its body: `fetch` cancels a body that nobody has begun to
   * read once its response is garbage-collected, and the layer would be empty.
   */
  async *download(digest: string): AsyncIterable<Uint8Array> {
    const { downloadUrl = "" } = await this.ecr.send(
      new GetDownloadUrlForLayerCommand({ ...this.where, layerDigest: digest }),
    );
    const response = await fetch(downloadUrl);
    if (!response.ok || !response.body) {
      // Not the URL itself: it is a permission.
      throw new Error(`the layer ${digest} of ${this.name} was answered with ${response.status}`);
    }
    yield* response.body;
  }

  /**
   * Uploads a layer, holding one part of it in memory. One that is cut off leaves nothing behind.
   *
   * @param onPart told the bytes of each part that has arrived
   */
  async upload(
    digest: string,
    content: AsyncIterable<Uint8Array>,
    onPart: (bytes: number) => void = () => undefined,
  ) {
    const { uploadId, partSize = 0 } = await this.ecr.send(
      new InitiateLayerUploadCommand(this.where),
    );
    const upload = { ...this.where, uploadId };
    let partFirstByte = 0;
    for await (const layerPartBlob of inParts(content, partSize)) {
      const partLastByte = partFirstByte + layerPartBlob.length - 1;
      await this.ecr.send(
        new UploadLayerPartCommand({ ...upload, partFirstByte, partLastByte, layerPartBlob }),
      );
      partFirstByte = partLastByte + 1;
      onPart(layerPartBlob.length);
    }
    await this.ecr
      .send(new CompleteLayerUploadCommand({ ...upload, layerDigests: [digest] }))
      .catch(unless("LayerAlreadyExistsException"));
  }

  /**
   * Puts an image whose layers, or images, are here; with its tag, if it gets one. Putting it again
   * changes nothing.
   *
   * @throws when the tag names another image: tags are immutable
   */
  async put({ digest, manifest, mediaType }: StoredImage, tag?: string) {
    const image = {
      imageManifest: manifest,
      imageManifestMediaType: mediaType,
      imageDigest: digest,
      imageTag: tag,
    };
    await this.ecr
      .send(new PutImageCommand({ ...this.where, ...image }))
      .catch(unless("ImageAlreadyExistsException"))
      .catch(unless("ImageTagAlreadyExistsException"));
    if (tag === undefined) return;
    refuseOtherDigest(this.name, tag, digest, (await this.image({ imageTag: tag }))?.digest);
  }
}

/** Lets one of AWS's errors pass. */
const unless = (name: string) => (error: unknown) => {
  if (!(error instanceof Error && error.name === name)) throw error;
};
