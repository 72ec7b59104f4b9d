import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { resolveImage } from "../../../local/images/registry";

const IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/inventory:1";
const DIGEST = `sha256:${"a".repeat(64)}`;

/** ECR's API with one image, which BatchGetImage finds from its call number `thereFrom` on. */
async function registry(thereFrom: number) {
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume();
    const action = request.headers["x-amz-target"];
    if (action?.toString().endsWith(".BatchGetImage")) asked += 1;
    const images = asked >= thereFrom ? [{ imageId: { imageDigest: DIGEST } }] : [];
    response.setHeader("content-type", "application/x-amz-json-1.1");
    response.end(JSON.stringify({ images, failures: [], authorizationData: [] }));
  });
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const config = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "eu-west-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  };
  return { config, asked: () => asked };
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

test("an image that is pushed meanwhile is pulled by one of the next tries", async () => {
  const { config, asked } = await registry(3);
  expect(await resolveImage(config, IMAGE, { retriesMs: [1, 1, 1] })).toBe(DIGEST);
  expect(asked()).toBe(3);
});

test("an image that never comes ends the task in ECS's words", async () => {
  const { config, asked } = await registry(Infinity);
  await expect(resolveImage(config, IMAGE, { retriesMs: [1, 1] })).rejects.toThrow(
    `CannotPullContainerError: pull image manifest has been retried 2 time(s): ${IMAGE}: not found`,
  );
  expect(asked()).toBe(3);
});

test("a reference that names no repository of ECR is refused without a try", async () => {
  const { config, asked } = await registry(1);
  await expect(resolveImage(config, "nginx", { retriesMs: [60_000] })).rejects.toThrow(
    "CannotPullContainerError: nginx is not <registry>/<repository>:<tag>",
  );
  expect(asked()).toBe(0);
});

test("a task that is stopped waits for no further try", async () => {
  const { config, asked } = await registry(Infinity);
  const signal = AbortSignal.abort();
  await expect(resolveImage(config, IMAGE, { retriesMs: [60_000], signal })).rejects.toThrow(
    "CannotPullContainerError",
  );
  expect(asked()).toBe(1);
});
