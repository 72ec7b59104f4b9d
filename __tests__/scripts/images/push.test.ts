import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { App } from "cdktf";
import { dev } from "../../../environments/dev";
import { inventory } from "../../../platforms/inventory";
import { addStates } from "../../../stacks";
import { FakeEcr } from "./fake-ecr";
import { writeLayout } from "./layout";

const run = promisify(execFile);
const TAG = "0123456789abcdef0123456789abcdef01234567";
const folder = mkdtempSync(join(tmpdir(), "push-"));
const output = join(folder, "cdktf.out");
const image = join(folder, "image");
const ecr = new FakeEcr();

beforeAll(async () => {
  await ecr.start();
  const app = new App({ outdir: output });
  addStates(app, { platform: inventory, environment: dev });
  app.synth();
});
beforeEach(() => {
  ecr.reset();
  rmSync(image, { recursive: true, force: true });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await ecr.stop();
});

const push = (...args: readonly string[]) => script("push", "dev", image, ...args);
const checkImage = (...args: readonly string[]) => script("check-image", "dev", ...args);

async function script(name: string, ...args: readonly string[]) {
  const tsx = join("node_modules", ".bin", "tsx");
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: ecr.url,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
  const all = [join("scripts", `${name}.ts`), ...args, "--output", output];
  return run(tsx, all, { env }).then(
    ({ stdout }) => ({ failed: false, said: stdout }),
    (error: unknown) => ({ failed: true, said: (error as { stderr: string }).stderr }),
  );
}

test("an image arrives with its attestations, byte for byte, under its tag", async () => {
  const { digest, image: arm64, layer } = writeLayout(image);
  const { failed, said } = await push("--image-tag", TAG);
  expect(said).toContain(
    `Pushed 000000000000.dkr.ecr.eu-west-1.amazonaws.com/inventory-dev:${TAG}, ${digest}.`,
  );
  expect(failed).toBe(false);
  expect([...ecr.tags]).toEqual([[TAG, digest]]);
  expect(ecr.manifests.size).toBe(3);
  expect(ecr.manifests.has(arm64)).toBe(true);
  expect(ecr.blobs.get(layer)?.toString()).toBe("layer".repeat(500));
  // Of 2,500 bytes, no part longer than 1,000.
  expect(ecr.calls.filter((call) => call === "UploadLayerPart").length).toBeGreaterThanOrEqual(3);
});

test("pushed again, nothing is sent twice", async () => {
  writeLayout(image);
  await push("--image-tag", TAG);
  ecr.calls.length = 0;
  await expect(push("--image-tag", TAG)).resolves.toMatchObject({ failed: false });
  expect(ecr.calls).not.toContain("InitiateLayerUpload");
});

test("what a push that was cut off left is taken up", async () => {
  const { layer } = writeLayout(image);
  ecr.blobs.set(layer, Buffer.from("layer".repeat(500)));
  await expect(push("--image-tag", TAG)).resolves.toMatchObject({ failed: false });
  expect(ecr.tags.size).toBe(1);
});

test("another build of a commit leaves the tag where it is, and says so", async () => {
  const { digest } = writeLayout(image);
  await push("--image-tag", TAG);
  rmSync(image, { recursive: true });
  writeLayout(image, { layer: "another" });
  const { failed, said } = await push("--image-tag", TAG);
  expect(said).toContain(`is there already, as ${digest}, and stays.`);
  expect(failed).toBe(false);
  expect(ecr.tags.get(TAG)).toBe(digest);
});

test("a blob that is not what its digest says is not pushed", async () => {
  const { layer } = writeLayout(image);
  writeFileSync(join(image, "blobs", ...layer.split(":")), "tampered");
  const { failed, said } = await push("--image-tag", TAG);
  expect(said).toMatch(/has the digest sha256:\w+, expected sha256:/);
  expect(failed).toBe(true);
  expect(ecr.tags.size).toBe(0);
});

test.each([
  [["--image-tag", "latest"], /--image-tag is "latest", expected a full commit SHA/],
  [["--image-tag", TAG], /index\.json is not the index of one image/],
  [
    ["--image-tag", TAG, "--service", "dev-ecr"],
    /--service is "dev-ecr", expected one of dev-ecs-service/,
  ],
])("%j is refused before anything is sent", async (args, error) => {
  if (args.includes("--service")) writeLayout(image);
  const { failed, said } = await push(...args);
  expect(said).toMatch(error);
  expect(failed).toBe(true);
  expect(ecr.calls).toEqual([]);
});

test("what was pushed can be deployed, and nothing else", async () => {
  writeLayout(image);
  await push("--image-tag", TAG);
  await expect(checkImage("--image-tag", TAG)).resolves.toEqual({
    failed: false,
    said: expect.stringContaining(`dev has the image ${TAG}.`) as string,
  });
  const other = TAG.replace("0", "f");
  const { failed, said } = await checkImage("--image-tag", other);
  expect(said).toContain(`inventory-dev has no image ${other}. Push it, or promote it`);
  expect(failed).toBe(true);
});
