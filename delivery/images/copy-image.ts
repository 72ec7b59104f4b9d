import { Turns } from "../deploy/turns";
import type { EcrRepository, ImageSource, StoredImage } from "./ecr-repository";
import { refuseOtherDigest } from "./image-reference";
import { type Descriptor, namedBy, withDigest } from "./manifest";

export interface CopyImageOptions {
  readonly from: ImageSource;
  readonly to: EcrRepository;
  readonly tag: string;
  /** The digest of the image to copy. @default - the digest that the tag has in the source */
  readonly digest?: string;
  /** Called with the bytes of layers that have been copied, and with all that have to be. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** A manifest to copy: the image itself, an image of its index, or a signature or attestation that refers to it. */
interface CopiedImage extends StoredImage {
  /** @default - it has no tag and is found by its digest */
  readonly tag?: string;
}

/** How many layers are copied at once. Each holds a part of about 10 MiB in memory, and the text of its request. */
const LAYERS_AT_ONCE = 3;

/** How often the copy of a layer is tried when the connection breaks. */
const ATTEMPTS = 3;

/**
 * The tags under which tools that do not use the referrers API keep signatures and attestations of an image: the
 * fallback tag of the OCI specification, and the tags of cosign.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#unavailable-referrers-api
 */
const referrerTags = (digest: string) =>
  ["", ".sig", ".att", ".sbom"].map((suffix) => `${digest.replace(":", "-")}${suffix}`);

/**
 * Copies an image from one repository to another. Manifests are copied byte by byte, so digests and signatures stay
 * valid. The image is tagged last, so a tag in the target means that the whole image is there. What the target already
 * has is not copied again, so a copy that was cut off can be repeated.
 *
 * @returns the digest, and whether anything was copied
 * @throws without tagging the image, when the source lacks the tag, when the tag names another image in the source or
 *   the target, and when content does not have the expected digest
 */
export async function copyImage(options: CopyImageOptions) {
  const { from, to, tag, onProgress } = options;
  const image = await from.image({ imageTag: tag });
  if (image === undefined) {
    throw new Error(
      `${from.name} has no image of the tag ${tag}. Build and push it there first, or name the tag that is deployed there.`,
    );
  }
  const { digest } = image;
  refuseOtherDigest(from.name, tag, options.digest ?? digest, digest);
  const taken = await to.image({ imageTag: tag });
  refuseOtherDigest(to.name, tag, digest, taken?.digest);
  if (taken !== undefined) return { digest, copied: false };

  const images = await withAllThatBelongsTo(image, from);
  await copyLayers(images, from, to, onProgress);
  for (const { tag: ownTag, ...each } of images) await to.put(each, ownTag);
  await to.put(image, tag);
  return { digest, copied: true };
}

/** The manifests to copy. Each comes after the manifests that it names, and before those that refer to it. */
async function withAllThatBelongsTo(image: StoredImage, from: ImageSource) {
  const images = new Map<string, CopiedImage>();
  const add = async (copied: CopiedImage) => {
    if (images.has(copied.digest)) return;
    for (const { digest } of namedBy(copied.manifest).images) await addByDigest(digest);
    images.set(copied.digest, copied);
    for (const digest of await from.referrers(copied.digest)) await addByDigest(digest);
    for (const [tag, found] of await from.tagged(referrerTags(copied.digest))) {
      await add({ ...found, tag });
    }
  };
  const addByDigest = async (digest: string) => {
    const found = await from.image({ imageDigest: digest });
    if (found === undefined) {
      throw new Error(
        `${from.name} has no ${digest}, which belongs to ${image.digest}. Push the whole image again.`,
      );
    }
    await add(found);
  };
  await add(image);
  return [...images.values()];
}

async function copyLayers(
  images: readonly StoredImage[],
  from: ImageSource,
  to: EcrRepository,
  onProgress: CopyImageOptions["onProgress"] = () => undefined,
) {
  const layers = images.flatMap(({ manifest }) => namedBy(manifest).layers);
  const lacking = await to.lacking([
    ...new Map(layers.map((each) => [each.digest, each])).values(),
  ]);
  const total = lacking.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const onPart = (bytes: number) => {
    done += bytes;
    onProgress(done, total);
  };
  const turns = new Turns(LAYERS_AT_ONCE);
  const failed = new AbortController();
  await Promise.all(
    lacking.map(async (layer) => {
      const endTurn = await turns.take();
      try {
        // After a failure the image is not tagged, so the remaining layers are not copied.
        if (!failed.signal.aborted) await copyLayer(layer, from, to, onPart);
      } catch (error) {
        failed.abort();
        throw error;
      } finally {
        endTurn();
      }
    }),
  );
}

async function copyLayer(
  { digest }: Descriptor,
  from: ImageSource,
  to: EcrRepository,
  onPart: (bytes: number) => void,
) {
  for (let attempt = 1; ; attempt++) {
    let begun = 0;
    try {
      const content = withDigest(from.download(digest), digest);
      await to.upload(digest, content, (bytes) => {
        begun += bytes;
        onPart(bytes);
      });
      return;
    } catch (error) {
      // `fetch` throws a TypeError when a connection cannot be made or breaks.
      if (!(error instanceof TypeError) || attempt === ATTEMPTS) throw error;
      onPart(-begun);
    }
  }
}
