import { createHash, randomBytes } from "node:crypto";
import {
  BatchGetImageCommand,
  CompleteLayerUploadCommand,
  CreateRepositoryCommand,
  type ECRClient,
  InitiateLayerUploadCommand,
  PutImageCommand,
  UploadLayerPartCommand,
} from "@aws-sdk/client-ecr";

export const IMAGE_TYPE = "application/vnd.oci.image.manifest.v1+json";
export const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";
const CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
const LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip";

export const sha256 = (content: string | Uint8Array) =>
  `sha256:${createHash("sha256").update(content).digest("hex")}`;

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** A repository that a test fills with the AWS SDK alone. */
export class TestRepository {
  constructor(
    private readonly ecr: ECRClient,
    readonly repositoryName: string,
  ) {}

  async create() {
    const { repositoryName } = this;
    await this.ecr.send(
      new CreateRepositoryCommand({ repositoryName, imageTagMutability: "IMMUTABLE" }),
    );
  }

  async pushLayer(content: Buffer, mediaType = LAYER_TYPE, partSize = 10 * 1024 * 1024) {
    const { repositoryName } = this;
    const { uploadId } = await this.ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
    for (let first = 0; first < content.length; first += partSize) {
      const layerPartBlob = content.subarray(first, first + partSize);
      await this.ecr.send(
        new UploadLayerPartCommand({
          repositoryName,
          uploadId,
          partFirstByte: first,
          partLastByte: first + layerPartBlob.length - 1,
          layerPartBlob,
        }),
      );
    }
    const digest = sha256(content);
    await this.ecr.send(
      new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests: [digest] }),
    );
    return { mediaType, digest, size: content.length };
  }

  /** Puts a manifest and returns its descriptor for an index. */
  async putManifest(manifest: object, imageTag?: string): Promise<Descriptor> {
    const imageManifest = JSON.stringify({ schemaVersion: 2, ...manifest });
    const { mediaType } = manifest as { mediaType: string };
    await this.ecr.send(
      new PutImageCommand({
        repositoryName: this.repositoryName,
        imageManifest,
        imageManifestMediaType: mediaType,
        imageTag,
      }),
    );
    return { mediaType, digest: sha256(imageManifest), size: imageManifest.length };
  }

  /** Puts an image with one layer. */
  async putImage({ layer = randomBytes(1000), tag, ...fields }: TestImage = {}) {
    const config = await this.pushLayer(
      Buffer.from(JSON.stringify({ salt: random() })),
      CONFIG_TYPE,
    );
    const layers = [await this.pushLayer(layer)];
    return this.putManifest({ mediaType: IMAGE_TYPE, config, layers, ...fields }, tag);
  }

  /**
   * Puts what buildx and cosign leave in a registry: an index of two images and their attestation,
   * a referrer of the index, and a signature under a tag that contains the index's digest.
   */
  async putIndex(tag: string, layer?: Buffer) {
    const arm = await this.putImage({ layer });
    const intel = await this.putImage();
    const attestation = await this.putImage();
    const index = await this.putManifest(
      {
        mediaType: INDEX_TYPE,
        manifests: [
          { ...arm, platform: { os: "linux", architecture: "arm64" } },
          { ...intel, platform: { os: "linux", architecture: "amd64" } },
          { ...attestation, platform: { os: "unknown", architecture: "unknown" } },
        ],
      },
      tag,
    );
    const artifactType = "application/vnd.dev.sigstore.bundle.v0.3+json";
    const referrer = await this.putImage({ subject: index, artifactType });
    const signatureTag = `${index.digest.replace(":", "-")}.sig`;
    const signature = await this.putImage({ tag: signatureTag });
    const digests = [index, arm, intel, attestation, referrer, signature].map((d) => d.digest);
    return { digest: index.digest, digests, signatureTag };
  }

  async manifest(imageId: { imageTag: string } | { imageDigest: string }) {
    const { images } = await this.ecr.send(
      new BatchGetImageCommand({ repositoryName: this.repositoryName, imageIds: [imageId] }),
    );
    return images?.[0]?.imageManifest;
  }

  /** The digest that a tag names. */
  async digest(imageTag: string) {
    const manifest = await this.manifest({ imageTag });
    return manifest === undefined ? undefined : sha256(manifest);
  }
}

interface TestImage {
  readonly layer?: Buffer;
  readonly tag?: string;
  readonly subject?: Descriptor;
  readonly artifactType?: string;
}

const random = () => randomBytes(8).toString("hex");

/** A commit SHA that no image has yet. */
export const newTag = () => randomBytes(20).toString("hex");
