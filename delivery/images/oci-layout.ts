import { createReadStream, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageIdentifier } from "@aws-sdk/client-ecr";
import { z } from "zod";
import type { ImageSource, StoredImage } from "./ecr-repository";

const index = z.object({ manifests: z.tuple([z.object({ digest: z.string() })]) });
const typed = z.object({ mediaType: z.string() });

/**
 * A folder with one image, as `docker buildx build --output type=oci,tar=false,dest=<folder>` writes it. An image in
 * such a folder can be pushed without Docker.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export class OciLayout implements ImageSource {
  /** The digest of the image, or of its index when it comes with attestations. */
  readonly digest: string;

  /** @throws when the folder is not an OCI layout, or does not hold exactly one image */
  constructor(private readonly folder: string) {
    const file = join(folder, "index.json");
    try {
      const [image] = index.parse(JSON.parse(readFileSync(file, "utf8"))).manifests;
      this.digest = image.digest;
    } catch (error) {
      const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
      throw new Error(
        `${file} is not the index of one image, as docker buildx build --output type=oci,tar=false,dest=${folder} writes it: ${why}`,
      );
    }
  }

  get name() {
    return this.folder;
  }

  /** Returns the manifest with this digest. A tag is ignored, because the folder holds only one image. */
  image({ imageDigest: digest = this.digest }: ImageIdentifier): Promise<StoredImage> {
    const manifest = readFileSync(this.fileOf(digest), "utf8");
    const { mediaType } = typed.parse(JSON.parse(manifest));
    return Promise.resolve({ digest, manifest, mediaType });
  }

  download(digest: string): AsyncIterable<Uint8Array> {
    return createReadStream(this.fileOf(digest));
  }

  /** There are no referrers, because the attestations of the image are in its index. */
  referrers() {
    return Promise.resolve([]);
  }

  tagged() {
    return Promise.resolve(new Map());
  }

  private fileOf(digest: string) {
    return join(this.folder, "blobs", ...digest.split(":"));
  }
}
