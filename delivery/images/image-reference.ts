/** An image in Docker's notation: `<commit SHA>`, `sha256:<digest>`, or both as `<commit SHA>@sha256:<digest>`. */
export interface ImageReference {
  /** The full commit SHA that the image is tagged with: 40 hex digits. It identifies the image for people. */
  readonly tag?: string;
  /** `sha256:<64 hex>`. It identifies the image. */
  readonly digest?: string;
}

const REFERENCE = /^(?<tag>[0-9a-f]{40})?(?:(?:^|(?<=.)@)(?<digest>sha256:[0-9a-f]{64}))?$/;

/**
 * @param given what the user wrote, for the message
 * @throws when the text is not a full commit SHA, a digest, or both
 */
export function parseImageReference(text: string, given = text): ImageReference {
  const groups = text === "" ? undefined : REFERENCE.exec(text)?.groups;
  if (groups) return { tag: groups.tag, digest: groups.digest };
  throw new Error(
    `--image-tag is "${given}", expected a full commit SHA (40 hex digits, such as that of git rev-parse HEAD), a digest (sha256:...), or both as <commit SHA>@sha256:...`,
  );
}

/** An image with a tag. */
export type TaggedImage = ImageReference & { readonly tag: string };

/**
 * Parses an image that must have a tag, because the repository removes untagged images after a day.
 *
 * @throws for a digest alone, and whenever `parseImageReference` throws
 */
export function taggedImage(text: string): TaggedImage {
  const { tag, digest } = parseImageReference(text);
  if (tag !== undefined) return { tag, digest };
  throw new Error(
    `--image-tag is "${text}", expected a full commit SHA of 40 hex digits, which the image is tagged with, alone or before its digest: <commit SHA>@sha256:...`,
  );
}

/** Formats an image for Terraform's variable `image_tag`. */
export const formatImageReference = ({ tag, digest }: ImageReference) =>
  [tag, digest].filter((part) => part !== undefined).join("@");

/** The digest in an image reference; `undefined` when it is a commit SHA alone. */
export const digestIn = (text: string) => parseImageReference(text).digest;

/** Whether two references can name the same image. A tag or a digest that both have must be equal. */
export function mayBeSame(one: string, other: string) {
  const [a, b] = [parseImageReference(one), parseImageReference(other)];
  const agree = (x?: string, y?: string) => x === undefined || y === undefined || x === y;
  return agree(a.tag, b.tag) && agree(a.digest, b.digest);
}

/** @throws when a tag names another image than the expected one */
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
