import {
  formatImageReference,
  mayBeSame,
  parseImageReference,
  refuseOtherDigest,
  taggedImage,
} from "../../../delivery/images/image-reference";

const tag = "0123456789".repeat(4);
const digest = `sha256:${"a".repeat(64)}`;
const other = `sha256:${"b".repeat(64)}`;

test.each([
  [tag, { tag, digest: undefined }],
  [digest, { tag: undefined, digest }],
  [`${tag}@${digest}`, { tag, digest }],
])("%s names an image, and is written the same way", (text, reference) => {
  expect(parseImageReference(text)).toEqual(reference);
  expect(formatImageReference(reference)).toBe(text);
});

test.each([
  "",
  "latest",
  "@",
  `@${digest}`,
  `${tag}@`,
  `${tag}${digest}`,
  `${tag}@${tag}`,
  tag.slice(1),
  `${tag}@${digest} `,
  tag.replace("0", "A"),
])("%j is refused, with what is expected", (text) => {
  expect(() => parseImageReference(text)).toThrow(`--image-tag is "${text}", expected`);
});

test("an image without a tag is no tagged one", () => {
  expect(taggedImage(`${tag}@${digest}`)).toEqual({ tag, digest });
  expect(() => taggedImage(digest)).toThrow("which the image is tagged with");
});

test.each([
  [tag, `${tag}@${digest}`, true],
  [`${tag}@${digest}`, digest, true],
  [`${tag}@${digest}`, `${tag}@${other}`, false],
  [tag, `${"1".repeat(40)}@${digest}`, false],
])("%s and %s can be the same image: %s", (one, two, same) => {
  expect(mayBeSame(one, two)).toBe(same);
  expect(mayBeSame(two, one)).toBe(same);
});

test("a tag that names another image is refused, with both digests and what to do", () => {
  refuseOtherDigest("inventory-dev", tag, digest, digest);
  refuseOtherDigest("inventory-dev", tag, digest, undefined);
  const refuse = () => {
    refuseOtherDigest("inventory-dev", tag, digest, other);
  };
  expect(refuse).toThrow(
    `The tag ${tag} of inventory-dev names the image ${other}, expected ${digest}`,
  );
  expect(refuse).toThrow("run its failed jobs again and not all of them");
});
