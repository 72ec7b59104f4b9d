import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { digestOf } from "../../../scripts/images/image";

type Input = Readonly<Record<string, unknown>>;

/** A server that plays the part of ECR's API that a push uses, with immutable tags. */
export class FakeEcr {
  readonly blobs = new Map<string, Buffer>();
  /** Text by digest. */
  readonly manifests = new Map<string, string>();
  /** Digest by tag. */
  readonly tags = new Map<string, string>();
  /** Names of the actions that were called, in order. */
  readonly calls: string[] = [];
  /** Bytes of a part at most. */
  partSize = 1000;
  url = "";

  private readonly uploads = new Map<string, Buffer[]>();
  private readonly server = createServer((request, response) => {
    void this.answer(request).then(([status, body]) => {
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(body));
    });
  });

  async start() {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  reset() {
    for (const things of [this.blobs, this.manifests, this.tags, this.uploads]) things.clear();
    this.calls.length = 0;
  }

  private async answer(request: IncomingMessage) {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const action = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
    this.calls.push(action);
    return this.act(action, JSON.parse(Buffer.concat(chunks).toString()) as Input);
  }

  private act(action: string, input: Input): [number, unknown] {
    switch (action) {
      case "DescribeImages":
        return this.describe((input.imageIds as { imageTag: string }[])[0]?.imageTag ?? "");
      case "BatchCheckLayerAvailability":
        return [
          200,
          { layers: (input.layerDigests as string[]).map((digest) => this.layer(digest)) },
        ];
      case "InitiateLayerUpload": {
        const uploadId = `upload-${this.uploads.size}`;
        this.uploads.set(uploadId, []);
        return [200, { uploadId, partSize: this.partSize }];
      }
      case "UploadLayerPart":
        return this.part(input);
      case "CompleteLayerUpload":
        return this.complete(input);
      case "PutImage":
        return this.put(input);
      default:
        return failure("UnknownOperationException");
    }
  }

  private describe(tag: string): [number, unknown] {
    const imageDigest = this.tags.get(tag);
    return imageDigest === undefined
      ? failure("ImageNotFoundException")
      : [200, { imageDetails: [{ imageDigest }] }];
  }

  private layer(layerDigest: string) {
    const layerAvailability = this.blobs.has(layerDigest) ? "AVAILABLE" : "UNAVAILABLE";
    return { layerDigest, layerAvailability };
  }

  private part(input: Input): [number, unknown] {
    const parts = this.uploads.get(String(input.uploadId)) ?? [];
    const bytes = Buffer.from(String(input.layerPartBlob), "base64");
    const first = parts.reduce((length, part) => length + part.length, 0);
    const last = first + bytes.length - 1;
    if (
      input.partFirstByte !== first ||
      input.partLastByte !== last ||
      bytes.length > this.partSize
    ) {
      return failure("InvalidLayerPartException");
    }
    parts.push(bytes);
    return [200, {}];
  }

  private complete(input: Input): [number, unknown] {
    const bytes = Buffer.concat(this.uploads.get(String(input.uploadId)) ?? []);
    const [digest = ""] = input.layerDigests as string[];
    if (digestOf(bytes) !== digest) return failure("InvalidLayerException");
    if (this.blobs.has(digest)) return failure("LayerAlreadyExistsException");
    this.blobs.set(digest, bytes);
    return [200, { layerDigest: digest }];
  }

  /** As ECR does, it refuses a manifest before all that it names is there. */
  private put(input: Input): [number, unknown] {
    const text = String(input.imageManifest);
    const tag = input.imageTag as string | undefined;
    const digest = digestOf(text);
    if (input.imageDigest !== digest) return failure("ImageDigestDoesNotMatchException");
    const content = JSON.parse(text) as Record<string, { digest: string }[] | undefined> & {
      config?: { digest: string };
    };
    const blobs = [...(content.config ? [content.config] : []), ...(content.layers ?? [])];
    if (blobs.some((blob) => !this.blobs.has(blob.digest)))
      return failure("LayersNotFoundException");
    const children = content.manifests ?? [];
    if (children.some((child) => !this.manifests.has(child.digest))) {
      return failure("ReferencedImagesNotFoundException");
    }
    if (tag !== undefined && (this.tags.get(tag) ?? digest) !== digest) {
      return failure("ImageTagAlreadyExistsException");
    }
    const isThere = this.manifests.has(digest) && (tag === undefined || this.tags.has(tag));
    this.manifests.set(digest, text);
    if (tag !== undefined) this.tags.set(tag, digest);
    return isThere ? failure("ImageAlreadyExistsException") : [200, {}];
  }
}

const failure = (name: string): [number, unknown] => [400, { __type: name, message: name }];
