import { Readable } from "node:stream";
import fc from "fast-check";
import { digestOf, inParts, namedBy, withDigest } from "../../../delivery/images/manifest";

const chunked = (chunks: readonly Uint8Array[]) => Readable.from(chunks.map((c) => Buffer.from(c)));

async function all(content: AsyncIterable<Uint8Array>) {
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  return parts;
}

test("content is split into parts of one size, except for the last, regardless of its chunks", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 20 })),
      fc.integer({ min: 1, max: 25 }),
      async (chunks, size) => {
        const content = Buffer.concat(chunks);
        const parts = await all(inParts(chunked(chunks), size));
        expect(Buffer.concat(parts)).toEqual(content);
        const sizes = parts.map(({ length }) => length);
        const last = content.length % size;
        const full = Array(Math.floor(content.length / size)).fill(size) as number[];
        expect(sizes).toEqual(last > 0 ? [...full, last] : full);
      },
    ),
  ));

test("content of another digest fails once it has ended", async () => {
  const content = [Buffer.from("one"), Buffer.from("two")];
  expect(await all(withDigest(chunked(content), digestOf("onetwo")))).toEqual(content);
  await expect(all(withDigest(chunked(content), digestOf("onetwo!")))).rejects.toThrow(
    `the layer ${digestOf("onetwo!")} came with other content, of digest ${digestOf("onetwo")}`,
  );
});

test("an image names its configuration and layers, an index its images", () => {
  const [config, layer, image] = ["config", "layer", "image"].map((text) => ({
    digest: digestOf(text),
    size: text.length,
  }));
  expect(namedBy(JSON.stringify({ config, layers: [layer] }))).toEqual({
    layers: [config, layer],
    images: [],
  });
  expect(namedBy(JSON.stringify({ manifests: [image] }))).toEqual({ layers: [], images: [image] });
});
