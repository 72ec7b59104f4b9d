import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf } from "../../../delivery/images/manifest";
import type { Image } from "../../../local/images/image";

/** Writes an image that was built without Docker as `docker buildx build --output type=oci,tar=false` does. */
export function writeOciLayout(folder: string, { digest, manifest, layers }: Image) {
  const blobs = join(folder, "blobs", "sha256");
  mkdirSync(blobs, { recursive: true });
  for (const content of [manifest, ...layers]) {
    writeFileSync(join(blobs, digestOf(content).replace("sha256:", "")), content);
  }
  writeFileSync(join(folder, "index.json"), JSON.stringify({ manifests: [{ digest }] }));
}
