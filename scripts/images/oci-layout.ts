import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { digestOf, type ImageSource } from "./image";

const index = z.object({
  manifests: z.tuple([z.object({ mediaType: z.string(), digest: z.string() })]),
});

const typed = z.object({ mediaType: z.string() });

/**
 * A folder with one image, as `docker buildx build --output type=oci,tar=false,dest=<folder>` writes it.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export class OciLayout implements ImageSource {
  /** Of the image: of an index, when it comes with attestations. */
  readonly digest: string;

  /** @throws when the folder is none, or does not hold exactly one image */
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

  async manifest(digest: string) {
    const text = Buffer.from(await this.blob(digest)).toString();
    return { digest, text, mediaType: typed.parse(JSON.parse(text)).mediaType };
  }

  /** @throws when the file is missing, or is not what its digest says */
  blob(digest: string): Promise<Uint8Array> {
    const file = join(this.folder, "blobs", ...digest.split(":"));
    const bytes = readFileSync(file);
    if (digestOf(bytes) !== digest) {
      throw new Error(`${file} has the digest ${digestOf(bytes)}, expected ${digest}`);
    }
    return Promise.resolve(bytes);
  }
}
