import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf } from "../../../scripts/images/image";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";

/** Writes what buildx does: an index of an image and its attestations. */
export function writeLayout(folder: string, { layer = "layer".repeat(500) } = {}) {
  mkdirSync(join(folder, "blobs", "sha256"), { recursive: true });
  const blob = (mediaType: string, content: string | object) => {
    const text = typeof content === "string" ? content : JSON.stringify(content, null, 2);
    const digest = digestOf(text);
    writeFileSync(join(folder, "blobs", ...digest.split(":")), text);
    return { mediaType, digest, size: Buffer.byteLength(text) };
  };
  const config = blob("application/vnd.oci.image.config.v1+json", { architecture: "arm64", layer });
  const layers = [blob("application/vnd.oci.image.layer.v1.tar+gzip", layer)];
  const image = blob(MANIFEST, { schemaVersion: 2, mediaType: MANIFEST, config, layers });
  const statement = blob("application/vnd.in-toto+json", { predicate: "sbom" });
  const attestations = blob(MANIFEST, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: blob("application/vnd.oci.image.config.v1+json", {}),
    layers: [statement],
  });
  const root = blob(INDEX, {
    schemaVersion: 2,
    mediaType: INDEX,
    manifests: [image, attestations],
  });
  writeFileSync(
    join(folder, "index.json"),
    JSON.stringify({ schemaVersion: 2, manifests: [root] }),
  );
  return { digest: root.digest, image: image.digest, layer: layers[0]?.digest ?? "" };
}
