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

/** A manifest in a registry: an image, an index of images, a signature or an attestation. */
export interface StoredImage {
  readonly digest: string;
  /** The text of the manifest, byte by byte, because the digest is computed from it. */
  readonly manifest: string;
  readonly mediaType: string;
}

/** A repository or a folder that images can be copied from. */
export type ImageSource = Pick<
  EcrRepository,
  "name" | "image" | "tagged" | "referrers" | "download"
>;

/** The greatest number of layers in one call of BatchCheckLayerAvailability. */
const LAYERS_A_CALL = 100;

/** A repository of ECR. It is used through ECR's API, which needs AWS credentials and no Docker. */
export class EcrRepository {
  private readonly ecr: ECRClient;
  private readonly where: { readonly registryId: string; readonly repositoryName: string };

  /** @param client the configuration of the SDK's client, without the region */
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

  /** @throws when the manifest that ECR returns does not have the digest that ECR names */
  async image(id: ImageIdentifier): Promise<StoredImage | undefined> {
    return (await this.images([id])).values().next().value;
  }

  /** The images with these tags, by tag. Tags without an image are left out. */
  async tagged(tags: readonly string[]): Promise<ReadonlyMap<string, StoredImage>> {
    return this.images(tags.map((imageTag) => ({ imageTag })));
  }

  /** The images by tag. The key of an image that was requested by its digest may be empty. */
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

  /** The digests of the signatures and attestations whose `subject` is this image. */
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

  /** Returns the layers that the repository does not have. */
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
   * Downloads a layer. It is requested only when the first byte is read. `fetch` cancels the body of a response that
   * is garbage-collected before the body is read, and then the layer would be empty.
   */
  async *download(digest: string): AsyncIterable<Uint8Array> {
    const { downloadUrl = "" } = await this.ecr.send(
      new GetDownloadUrlForLayerCommand({ ...this.where, layerDigest: digest }),
    );
    const response = await fetch(downloadUrl);
    if (!response.ok || !response.body) {
      // The message does not contain the URL, because anyone who has the URL can download the layer.
      throw new Error(`the layer ${digest} of ${this.name} was answered with ${response.status}`);
    }
    yield* response.body;
  }

  /**
   * Uploads a layer, with one part of it in memory at a time. An upload that is cut off leaves no layer behind.
   *
   * @param onPart called with the number of bytes of each uploaded part
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
   * Puts a manifest whose layers or images are already in the repository, with a tag if one is given. It changes
   * nothing when the manifest is there already.
   *
   * @throws when the tag, which is immutable, names another image
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

/** Ignores the error of AWS that has this name. */
const unless = (name: string) => (error: unknown) => {
  if (!(error instanceof Error && error.name === name)) throw error;
};
