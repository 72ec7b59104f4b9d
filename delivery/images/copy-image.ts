import { Turns } from "../deploy/turns";
import type { EcrRepository, ImageSource, StoredImage } from "./ecr-repository";
import { refuseOtherDigest } from "./image-reference";
import { type Descriptor, namedBy, withDigest } from "./manifest";

export interface CopyImageOptions {
  readonly from: ImageSource;
  readonly to: EcrRepository;
  readonly tag: string;
  /** The image that is meant. @default - the one that the tag names in the source */
  readonly digest?: string;
  /** Told how far the layers have come, in bytes. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** What of an image is copied: itself, what it is made of, and what refers to it. */
interface CopiedImage extends StoredImage {
  /** @default - found by its digest only */
  readonly tag?: string;
}

/** At once; each holds a part of some 10 MiB, and the text that it is sent as. */
const LAYERS_AT_ONCE = 3;

/** How often a layer is begun again when its connection breaks. */
const ATTEMPTS = 3;

/**
 * Tags under which tools that know of no referrers keep what belongs to an image: OCI's fallback,
 * and cosign's own.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#unavailable-referrers-api
 */
const referrerTags = (digest: string) =>
  ["", ".sig", ".att", ".sbom"].map((suffix) => `${digest.replace(":", "-")}${suffix}`);

/**
 * Copies an image from one repository to another, unchanged: manifests byte by byte, so that digests
 * and signatures stay. Whatever it is made of goes first and its tag comes last: a tag means that
 * all is there. What is there already is not copied again, so it can be cut off and run again.
 *
 * @returns the digest, and whether anything had to be done
 * @throws when the source lacks the tag, when the tag of either names another image than the one that
 *   is meant, and when something comes with other content than its digest says: nothing is tagged then
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

/** Each after what it names, and before what refers to it. */
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
        `${from.name} has no ${digest}, which belongs to ${image.digest}. Push the image again, whole.`,
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
        // Once one has failed, what still waits would be for nothing.
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
      // What `fetch` throws when a connection cannot be made or breaks.
      if (!(error instanceof TypeError) || attempt === ATTEMPTS) throw error;
      onPart(-begun);
    }
  }
}
