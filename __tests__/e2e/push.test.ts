import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ECRClient } from "@aws-sdk/client-ecr";
import { dev } from "../../environments/dev";
import { local, LOCAL_ACCOUNT, LOCAL_REGION } from "../../environments/local";
import { clientConfig, environmentVariables, type LocalAws } from "../../local/emulator/aws";
import { type Emulator, startEmulator } from "../../local/emulator/emulator";
import { platform as inventory } from "../../platforms/inventory/platform";
import { appOf } from "../support/app";
import { TestProcess } from "./support/processes";
import { IMAGE_TYPE, INDEX_TYPE, newTag, sha256, TestRepository } from "./support/test-images";
import { synthesizedApp } from "../support/synthesized-app";

jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "push-"));
const output = join(folder, "cdktf.out");
const account = { region: LOCAL_REGION, accountId: LOCAL_ACCOUNT };
let aws: LocalAws;

let emulator: Emulator;
let ecr: ECRClient;
let repository: TestRepository;

beforeAll(async () => {
  emulator = await startEmulator({
    python: "python3",
    ...account,
    logFile: join(folder, "aws.log"),
  });
  ({ aws } = emulator);
  ecr = new ECRClient(clientConfig(aws));
  repository = new TestRepository(ecr, "inventory-local");
  await repository.create();
  appOf(inventory, [local(dev.network), dev], output).synth();
});

afterAll(async () => {
  ecr.destroy();
  await emulator.stop();
  rmSync(folder, { recursive: true });
});

const script = (name: string, ...args: readonly string[]) =>
  scriptWith({ ...process.env, ...environmentVariables(aws) }, name, ...args);

async function scriptWith(env: NodeJS.ProcessEnv, name: string, ...args: readonly string[]) {
  const all = [`scripts/${name}.ts`, ...synthesizedApp(folder), ...args];
  const running = new TestProcess("node_modules/.bin/tsx", all, { env });
  return { exitCode: await running.ended(), said: running.output };
}

/** Writes the same files as buildx: the index of an image and its attestations. */
function writeLayout(layerBytes = 1000) {
  const images = mkdtempSync(join(folder, "images-"));
  const layout = join(images, "inventory");
  mkdirSync(join(layout, "blobs", "sha256"), { recursive: true });
  const fileOf = (digest: string) => join(layout, "blobs", ...digest.split(":"));
  const blob = (mediaType: string, content: Buffer | object) => {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
    const digest = sha256(bytes);
    writeFileSync(fileOf(digest), bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const image = (layer: ReturnType<typeof blob>) =>
    blob(IMAGE_TYPE, {
      schemaVersion: 2,
      mediaType: IMAGE_TYPE,
      config: blob("application/vnd.oci.image.config.v1+json", { architecture: "arm64" }),
      layers: [layer],
    });
  const layer = blob("application/vnd.oci.image.layer.v1.tar+gzip", randomBytes(layerBytes));
  const manifests = [image(layer), image(blob("application/vnd.in-toto+json", { sbom: [] }))];
  const root = blob(INDEX_TYPE, { schemaVersion: 2, mediaType: INDEX_TYPE, manifests });
  writeFileSync(join(layout, "index.json"), JSON.stringify({ manifests: [root] }));
  const digests = [root, ...manifests].map(({ digest }) => digest);
  return { images, digest: root.digest, digests, layerFile: fileOf(layer.digest) };
}

test("an image is pushed with its attestations, unchanged, and can be deployed", async () => {
  const tag = newTag();
  const { images, digest, digests } = writeLayout(11 * 1024 * 1024);
  expect(await script("check-image", "local", "--image-tag", tag)).toMatchObject({ exitCode: 1 });

  const { exitCode, said } = await script("push", "local", images, "--image-tag", tag);
  expect(said).toContain(`Pushed inventory-local:${tag}, ${digest}.`);
  expect(exitCode).toBe(0);
  expect(await repository.digest(tag)).toBe(digest);
  for (const imageDigest of digests) {
    expect(sha256((await repository.manifest({ imageDigest })) ?? "")).toBe(imageDigest);
  }

  const checked = await script("check-image", "local", "--image-tag", tag);
  expect(checked.said).toContain(`inventory: ${tag}@${digest}`);
  expect(checked.exitCode).toBe(0);
});

test("without credentials, the push says so once, and what to do", async () => {
  const { images } = writeLayout();
  const env = { PATH: process.env.PATH, HOME: folder, AWS_EC2_METADATA_DISABLED: "true" };
  const { exitCode, said } = await scriptWith(
    env,
    "push",
    "local",
    images,
    "--image-tag",
    newTag(),
  );
  expect(said.match(/There are no AWS credentials/g)).toHaveLength(1);
  expect(said).toContain(`npm run plan -- <environment> --local --app ${folder}`);
  expect(exitCode).toBe(1);
});

test("a tag that names another image stops the push, with both digests", async () => {
  const tag = newTag();
  const { images, digest } = writeLayout();
  expect(await script("push", "local", images, "--image-tag", tag)).toMatchObject({ exitCode: 0 });
  const other = writeLayout();
  const { exitCode, said } = await script("push", "local", other.images, "--image-tag", tag);
  expect(said).toContain(`names the image ${digest}, expected ${other.digest}`);
  expect(exitCode).toBe(1);
  expect(await repository.digest(tag)).toBe(digest);
});

test("a folder with another image than the one that was built is not pushed", async () => {
  const tag = newTag();
  const { images, digest } = writeLayout();
  const built = `sha256:${"1".repeat(64)}`;
  const image = `${tag}@${built}`;
  const { exitCode, said } = await script("push", "local", images, "--image-tag", image);
  expect(said).toContain(`names the image ${digest}, expected ${built}`);
  expect(exitCode).toBe(1);
  expect(await repository.digest(tag)).toBeUndefined();
  const pushed = await script("push", "local", images, "--image-tag", `${tag}@${digest}`);
  expect(pushed).toMatchObject({ exitCode: 0 });
});

test("a layer that is not what its digest says is refused, and nothing is tagged", async () => {
  const tag = newTag();
  const { images, layerFile } = writeLayout();
  writeFileSync(layerFile, "tampered");
  const { exitCode, said } = await script("push", "local", images, "--image-tag", tag);
  expect(said).toMatch(/the layer sha256:\w{64} came with other content/);
  expect(exitCode).toBe(1);
  expect(await repository.digest(tag)).toBeUndefined();
});

test.each([
  ["local", "--image-tag latest", '--image-tag is "latest", expected a full commit SHA'],
  [
    "local",
    `--image-tag ${newTag()} --service api`,
    '--service is "api", expected one of inventory',
  ],
  ["dev", `--image-tag ${newTag()}`, 'account is the placeholder "000000000000"'],
])("to %s with %s is refused", async (environment, args, message) => {
  const { images } = writeLayout();
  const { exitCode, said } = await script("push", environment, images, ...args.split(" "));
  expect(said).toContain(message);
  expect(exitCode).toBe(1);
});

test("what the repository has is not pushed again, and needs no folder", async () => {
  const tag = newTag();
  const { images, digest } = writeLayout();
  expect(await script("push", "local", images, "--image-tag", tag)).toMatchObject({ exitCode: 0 });
  const image = `inventory=${tag}@${digest}`;
  const again = await script("push", "local", "nowhere", "--image-tag", image);
  expect(again.said).toContain(`There already: inventory-local:${tag}, ${digest}.`);
  expect(again.exitCode).toBe(0);
  const other = `inventory=${tag}@sha256:${"1".repeat(64)}`;
  const refused = await script("push", "local", "nowhere", "--image-tag", other);
  expect(refused.said).toContain(`names the image ${digest}, expected sha256:1`);
  expect(refused.exitCode).toBe(1);
});

test("an image that is nowhere is refused, with how to build it", async () => {
  const { exitCode, said } = await script("push", "local", "dist/none", "--image-tag", newTag());
  expect(said).toContain(
    "Build it: docker buildx build --file Dockerfile --output type=oci,tar=false,dest=dist/none/inventory .",
  );
  expect(exitCode).toBe(1);
});

test("a folder that is no image is refused", async () => {
  mkdirSync(join(folder, "inventory"));
  const { exitCode, said } = await script("push", "local", folder, "--image-tag", newTag());
  expect(said).toContain("index.json is not the index of one image, as docker buildx build");
  expect(exitCode).toBe(1);
});
