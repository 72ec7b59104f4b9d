import { createHash } from "node:crypto";

/** How a manifest names a layer or another manifest. */
export interface Descriptor {
  /** `sha256:<64 hex>`. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/** The fields that images and indexes have in both formats, OCI's and Docker's. */
interface Manifest {
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly (Descriptor & {
    readonly platform?: { readonly architecture: string };
  })[];
}

/** All that a registry may hold. Whoever does not accept a type may be given another manifest. */
export const MEDIA_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** What must be in a repository before this manifest can be: layers, or the images of an index. */
export function namedBy(manifest: string) {
  const { config, layers = [], manifests = [] } = JSON.parse(manifest) as Manifest;
  return { layers: config ? [config, ...layers] : layers, images: manifests };
}

/** Digests of an index's images for a platform, without attestations. Nothing when it is an image itself. */
export function platformImages(manifest: string) {
  const { manifests } = JSON.parse(manifest) as Manifest;
  // buildx marks an attestation so.
  return manifests
    ?.filter(({ platform }) => platform?.architecture !== "unknown")
    .map(({ digest }) => digest);
}

export const digestOf = (content: string | Uint8Array) =>
  `sha256:${createHash("sha256").update(content).digest("hex")}`;

/**
 * Passes content through.
 *
 * @throws once it has ended, when its digest is another one; no receiver then takes it for whole
 */
export async function* withDigest(content: AsyncIterable<Uint8Array>, digest: string) {
  const hash = createHash("sha256");
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
  const actual = `sha256:${hash.digest("hex")}`;
  if (actual !== digest) {
    throw new Error(`the layer ${digest} came with other content, of digest ${actual}`);
  }
}

/** Cuts content anew: each part has `size` bytes, but for the last. */
export async function* inParts(content: AsyncIterable<Uint8Array>, size: number) {
  let chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of content) {
    let rest = chunk;
    while (length + rest.length >= size) {
      const cut = size - length;
      yield Buffer.concat([...chunks, rest.subarray(0, cut)]);
      rest = rest.subarray(cut);
      chunks = [];
      length = 0;
    }
    if (rest.length > 0) chunks.push(rest);
    length += rest.length;
  }
  if (length > 0) yield Buffer.concat(chunks);
}
