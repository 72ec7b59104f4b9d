/** Which image to run, in Docker's notation: `<commit SHA>`, `sha256:<digest>`, or both with `@`. */
export interface ImageReference {
  /** The full commit SHA that the image is tagged with: 40 hex digits. It names it for people. */
  readonly tag?: string;
  /** `sha256:<64 hex>`. It names the image itself. */
  readonly digest?: string;
}

const REFERENCE = /^(?<tag>[0-9a-f]{40})?(?:(?:^|(?<=.)@)(?<digest>sha256:[0-9a-f]{64}))?$/;

/**
 * @param given what the user wrote, for the message
 * @throws when it is neither a full commit SHA nor a digest, nor both
 */
export function parseImageReference(text: string, given = text): ImageReference {
  const groups = text === "" ? undefined : REFERENCE.exec(text)?.groups;
  if (groups) return { tag: groups.tag, digest: groups.digest };
  throw new Error(
    `--image-tag is "${given}", expected a full commit SHA (40 hex digits, such as that of git rev-parse HEAD), a digest (sha256:...), or both as <commit SHA>@sha256:...`,
  );
}

/** An image that its repository keeps. */
export type TaggedImage = ImageReference & { readonly tag: string };

/**
 * An image that has a tag, which an image needs to stay: without one it expires after a day.
 *
 * @throws also for a digest alone
 */
export function taggedImage(text: string): TaggedImage {
  const { tag, digest } = parseImageReference(text);
  if (tag !== undefined) return { tag, digest };
  throw new Error(
    `--image-tag is "${text}", expected a full commit SHA of 40 hex digits, which the image is tagged with, alone or before its digest: <commit SHA>@sha256:...`,
  );
}

/** The same as text, in the form that Terraform's variable `image_tag` takes. */
export const formatImageReference = ({ tag, digest }: ImageReference) =>
  [tag, digest].filter((part) => part !== undefined).join("@");

/** The digest of an image, which is not known of a commit SHA alone. */
export const digestIn = (text: string) => parseImageReference(text).digest;

/** Whether two references can name the same image: what both say is the same. */
export function mayBeSame(one: string, other: string) {
  const [a, b] = [parseImageReference(one), parseImageReference(other)];
  const agree = (x?: string, y?: string) => x === undefined || y === undefined || x === y;
  return agree(a.tag, b.tag) && agree(a.digest, b.digest);
}

/** @throws when a tag names another image than the one that is meant */
export function refuseOtherDigest(
  repository: string,
  tag: string,
  expected: string,
  actual: string | undefined,
) {
  if (actual === undefined || actual === expected) return;
  throw new Error(
    `The tag ${tag} of ${repository} names the image ${actual}, expected ${expected}. The repository's tags are immutable, so somebody has pushed another image under this tag. Find out who (CloudTrail, PutImage). Then build a new commit and deploy it under its own tag; to retry a run, run its failed jobs again and not all of them.`,
  );
}
