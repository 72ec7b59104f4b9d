import { createHash } from "node:crypto";

/** The reference of a manifest to a layer or to another manifest. */
export interface Descriptor {
  /** `sha256:<64 hex>`. */
  readonly digest: string;
  /** The size in bytes. */
  readonly size: number;
}

/** The fields of images and indexes that the formats of OCI and Docker have in common. */
interface Manifest {
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly (Descriptor & {
    readonly platform?: { readonly architecture: string };
  })[];
}

/** All types of manifests. A registry may convert a manifest whose type the client does not accept. */
export const MEDIA_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** The layers or images that a manifest names. They must be in a repository before the manifest is put there. */
export function namedBy(manifest: string) {
  const { config, layers = [], manifests = [] } = JSON.parse(manifest) as Manifest;
  return { layers: config ? [config, ...layers] : layers, images: manifests };
}

/** The digests of an index's images, without its attestations; `undefined` when the manifest is not an index. */
export function platformImages(manifest: string) {
  const { manifests } = JSON.parse(manifest) as Manifest;
  // buildx gives an attestation the architecture "unknown".
  return manifests
    ?.filter(({ platform }) => platform?.architecture !== "unknown")
    .map(({ digest }) => digest);
}

export const digestOf = (content: string | Uint8Array) =>
  `sha256:${createHash("sha256").update(content).digest("hex")}`;

/**
 * Passes content through and checks its digest.
 *
 * @throws at the end of the content, when it has another digest; so the receiver does not complete it
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

/** Divides content into parts of `size` bytes. The last part may be smaller. */
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
