import { createHash } from "node:crypto";
import { z } from "zod";

const descriptor = z.object({ mediaType: z.string(), digest: z.string() });

/** What a manifest names: blobs of one image, or, in an index, the manifests of several. */
const manifestContent = z.object({
  config: descriptor.optional(),
  layers: z.array(descriptor).default([]),
  manifests: z.array(descriptor).default([]),
});

export interface Manifest {
  readonly mediaType: string;
  readonly digest: string;
  /** Byte for byte: the digest is of these. */
  readonly text: string;
}

/** Where an image can be read from: a folder, a registry. */
export interface ImageSource {
  /** @throws when it is not there */
  manifest(digest: string): Promise<Manifest>;
  blob(digest: string): Promise<Uint8Array>;
}

/** Where an image can be written to. */
export interface ImageTarget {
  /** Those of the digests that are not there yet. */
  missingBlobs(digests: readonly string[]): Promise<readonly string[]>;
  putBlob(digest: string, bytes: Uint8Array): Promise<void>;
  /** @throws when the tag is there, of another digest */
  putManifest(manifest: Manifest, tag?: string): Promise<void>;
}

/**
 * Copies an image, or an index with all that it names (such as attestations), byte for byte: the
 * digest stays. What is there already is not sent again; the tag comes last, when all is there.
 */
export async function copyImage(
  source: ImageSource,
  target: ImageTarget,
  digest: string,
  tag?: string,
): Promise<void> {
  const manifest = await source.manifest(digest);
  const { config, layers, manifests } = manifestContent.parse(JSON.parse(manifest.text));
  for (const child of manifests) await copyImage(source, target, child.digest);
  const blobs = new Set([...(config ? [config] : []), ...layers].map((blob) => blob.digest));
  if (blobs.size > 0) {
    for (const blob of await target.missingBlobs([...blobs])) {
      await target.putBlob(blob, await source.blob(blob));
    }
  }
  await target.putManifest(manifest, tag);
}

export const digestOf = (bytes: Uint8Array | string) =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
