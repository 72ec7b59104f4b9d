import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { EcrRepository } from "../../../delivery/images/ecr-repository";
import { digestOf } from "../../../delivery/images/manifest";

const PIECES = Array.from({ length: 4 }, (_, i) => Buffer.alloc(50_000, i));

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** Several rounds, because a finalizer runs in a later turn of the event loop. */
async function collectGarbage() {
  for (let round = 0; round < 3; round++) {
    gc();
    await setImmediate();
  }
}

/** Answers ECR's call with the URL of the layer, and that URL with its bytes, piece by piece. */
async function answer(request: IncomingMessage, response: ServerResponse) {
  if (request.method === "POST") {
    const downloadUrl = `http://${request.headers.host}/layer`;
    response.setHeader("content-type", "application/x-amz-json-1.1");
    response.end(JSON.stringify({ downloadUrl }));
    return;
  }
  for (const piece of PIECES) {
    response.write(piece);
    await setImmediate();
  }
  response.end();
}

const server = createServer((request, response) => void answer(request, response));

beforeAll(() => once(server.listen(0, "127.0.0.1"), "listening"));

afterAll(() => {
  server.close();
});

test("a layer is complete, even when garbage is collected while it is downloaded", async () => {
  const repository = new EcrRepository(
    { registryId: "111111111111", region: "eu-central-1", repositoryName: "web" },
    {
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    },
  );
  const layer = Buffer.concat(PIECES);
  const content = repository.download(digestOf(layer));
  await collectGarbage();
  const received: Uint8Array[] = [];
  for await (const piece of content) {
    received.push(piece);
    await collectGarbage();
  }
  expect(digestOf(Buffer.concat(received))).toBe(digestOf(layer));
  repository.close();
  // Collecting all garbage of Jest's process takes long on a busy machine.
}, 120_000);
