import { ECRClient, StartImageScanCommand } from "@aws-sdk/client-ecr";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { dev } from "../../environments/dev";
import { local, LOCAL_ACCOUNT, LOCAL_REGION } from "../../environments/local";
import { clientConfig, environmentVariables, type LocalAws } from "../../local/emulator/aws";
import { type Emulator, startEmulator } from "../../local/emulator/emulator";
import { reportScanResults, type ScanResult } from "../../local/emulator/control";
import { platform as inventory } from "../../platforms/inventory/platform";
import { appOf } from "../support/app";
import { FakeGh } from "./support/fake-gh";
import { TestProcess } from "./support/processes";
import { createBackend } from "./support/state-backend";
import { newTag, TestRepository } from "./support/test-images";
import { synthesizedApp } from "../support/synthesized-app";

jest.setTimeout(120_000);

// These tests check which conditions an image must meet before it runs in a protected environment.
// A program `gh` replaces GitHub. The tests set the findings of the scan in the local ECR, which
// has none of its own.
const folder = mkdtempSync(join(tmpdir(), "admission-"));
const output = join(folder, "cdktf.out");
const gh = new FakeGh(folder);
const prefix = "inventory-live";

let emulator: Emulator;
let aws: LocalAws;
let ecr: ECRClient;
let repository: TestRepository;

beforeAll(async () => {
  emulator = await startEmulator({
    python: "python3",
    accountId: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    logFile: join(folder, "aws.log"),
  });
  ({ aws } = emulator);
  ecr = new ECRClient(clientConfig(aws));
  repository = new TestRepository(ecr, prefix);
  await repository.create();
  const live = {
    ...local(dev.network),
    name: "live",
    deletionProtection: true,
    unauthenticated: "nobody is let in by this test",
  };
  appOf(inventory, [live], output).synth();
});

afterAll(async () => {
  ecr.destroy();
  await emulator.stop();
  rmSync(folder, { recursive: true });
});

async function script(name: string, image: string, env: NodeJS.ProcessEnv = {}, ...more: string[]) {
  const app = synthesizedApp(folder);
  const args = [`scripts/${name}.ts`, "live", ...app, "--image-tag", image, ...more];
  const running = new TestProcess(process.execPath, ["--import", "tsx", ...args], {
    env: {
      ...process.env,
      ...environmentVariables(aws),
      ...gh.environment,
      GH_NAME: `inventory:${image.split("@", 1).join("")}`,
      ...env,
    },
  });
  return { exitCode: await running.ended(), said: running.output };
}

const checkImage = (image: string, env?: NodeJS.ProcessEnv) => script("check-image", image, env);

/** Creates an image that is tagged with a commit and scanned. */
async function scannedImage() {
  const tag = newTag();
  const { digest: imageDigest } = await repository.putImage({ tag });
  await ecr.send(new StartImageScanCommand({ repositoryName: prefix, imageId: { imageDigest } }));
  return { tag, imageDigest };
}

/** Sets the answers to the next requests for an image's findings. */
const scanResults = (imageDigest: string, ...results: readonly ScanResult[]) =>
  reportScanResults(aws, { imageDigest, results });

const scan = (status: string, imageScanFindings: ScanResult["imageScanFindings"] = {}) => ({
  imageScanStatus: { status },
  imageScanFindings,
});

test("an attested and scanned image may be deployed, by its digest", async () => {
  const { tag, imageDigest } = await scannedImage();
  const { exitCode, said } = await checkImage(tag);
  expect(said).toContain(`inventory: ${tag}@${imageDigest}`);
  expect(exitCode).toBe(0);
  expect(gh.calls.at(-1)?.slice(3)).toEqual([
    ...["--repo", "acme/shop"],
    ...["--signer-workflow", "acme/shop/.github/workflows/_build.yml"],
    ...["--source-ref", "refs/heads/main"],
    "--deny-self-hosted-runners",
    ...["--format", "json"],
  ]);
});

const elsewhere = "https://github.com/mallory/shop";

test.each([
  ["gh refuses", { GH_FAILS: "no attestations found" }, "no attestations found"],
  [
    "there is no gh",
    { PATH: dirname(process.execPath) === "/usr/bin" ? "/nonexistent" : dirname(process.execPath) },
    "there is no GitHub CLI in PATH",
  ],
  [
    "another repository built it",
    { GH_SAYS: JSON.stringify([{ sourceRepositoryURI: elsewhere }]) },
    `the repository is "${elsewhere}", expected "https://github.com/acme/shop"`,
  ],
  [
    "it was built for another tag",
    { GH_NAME: `inventory:${"0".repeat(40)}` },
    `the name is "inventory:${"0".repeat(40)}"`,
  ],
  [
    "it was built for another service",
    { GH_SAYS: JSON.stringify([{ name: "web" }]) },
    'the name is "web", expected "inventory:',
  ],
  [
    "another branch was built",
    { GH_SAYS: JSON.stringify([{ sourceRepositoryRef: "refs/heads/mine" }]) },
    'the branch is "refs/heads/mine"',
  ],
  [
    "another workflow built it",
    { GH_SAYS: JSON.stringify([{ buildSignerURI: `${elsewhere}/x.yml@refs/heads/main` }]) },
    "the workflow is",
  ],
  [
    "another image was built",
    { GH_SAYS: JSON.stringify([{ digest: "0".repeat(64) }]) },
    `the digest is "${"0".repeat(64)}"`,
  ],
  [
    "no attestation is right in everything",
    { GH_SAYS: JSON.stringify([{ name: "web" }, { digest: "0".repeat(64) }]) },
    'the name is "web"',
  ],
  [
    "it is not known who builds images",
    { GITHUB_REPOSITORY: "" },
    'GITHUB_REPOSITORY is "", expected the <owner>/<name>',
  ],
])("an image is refused when %s", async (_, env, message) => {
  const { tag } = await scannedImage();
  const { exitCode, said } = await checkImage(tag, env);
  expect(said).toContain(message);
  expect(exitCode).toBe(1);
});

test("of the attestations of several runs, one that is right is enough", async () => {
  const { tag } = await scannedImage();
  const env = { GH_SAYS: JSON.stringify([{ name: "web" }, {}, { digest: "0".repeat(64) }]) };
  expect(await checkImage(tag, env)).toMatchObject({ exitCode: 0 });
});

test("an image whose tag names another digest than the one that was built is refused, with both", async () => {
  const { tag, imageDigest } = await scannedImage();
  const built = `sha256:${"1".repeat(64)}`;
  const { exitCode, said } = await checkImage(`${tag}@${built}`);
  expect(said).toContain(`names the image ${imageDigest}, expected ${built}`);
  expect(exitCode).toBe(1);
});

test("an image without a commit is refused, because its source is unknown", async () => {
  const { imageDigest } = await scannedImage();
  const { exitCode, said } = await checkImage(imageDigest);
  expect(said).toContain("expected <commit SHA>@sha256:<digest>");
  expect(exitCode).toBe(1);
});

const basicFinding = (name: string, severity: string) => ({
  name,
  severity,
  attributes: [
    { key: "package_name", value: "openssl" },
    { key: "package_version", value: "3.0.1" },
  ],
});

const enhancedFinding = (vulnerabilityId: string, severity: string, fixAvailable: string) => ({
  severity,
  fixAvailable,
  packageVulnerabilityDetails: {
    vulnerabilityId,
    vulnerablePackages: [{ name: "zlib", version: "1.2", fixedInVersion: "1.3" }],
  },
});

test("critical findings that have a fix stop it and are listed; others do not", async () => {
  const { tag, imageDigest } = await scannedImage();
  const findings = [basicFinding("CVE-2026-1", "CRITICAL"), basicFinding("CVE-2026-2", "HIGH")];
  await scanResults(imageDigest, scan("COMPLETE", { findings }));
  const basic = await checkImage(tag);
  expect(basic.said).toContain("  CVE-2026-1: openssl 3.0.1\n");
  expect(basic.said).not.toContain("CVE-2026-2");
  expect(basic.exitCode).toBe(1);

  const enhancedFindings = [
    enhancedFinding("CVE-2026-3", "CRITICAL", "YES"),
    enhancedFinding("CVE-2026-4", "CRITICAL", "NO"),
    enhancedFinding("CVE-2026-5", "MEDIUM", "YES"),
  ];
  await scanResults(imageDigest, scan("ACTIVE", { enhancedFindings }));
  const enhanced = await checkImage(tag);
  expect(enhanced.said).toContain("  CVE-2026-3: zlib 1.2, fixed in 1.3\n");
  expect(enhanced.said).not.toMatch(/CVE-2026-[45]/);
  expect(enhanced.exitCode).toBe(1);
});

test("a scan that is still running is waited for", async () => {
  const { tag, imageDigest } = await scannedImage();
  await scanResults(imageDigest, scan("IN_PROGRESS"), scan("COMPLETE"));
  expect(await checkImage(tag)).toMatchObject({ exitCode: 0 });
});

test("without a finished scan it is refused, with what to do", async () => {
  const tag = newTag();
  const { digest } = await repository.putImage({ tag });
  const none = await checkImage(tag);
  expect(none.said).toContain(`ECR has not scanned ${prefix}@${digest}`);
  expect(none.said).toContain(
    `aws ecr start-image-scan --repository-name ${prefix} --image-id imageDigest=${digest}`,
  );
  expect(none.exitCode).toBe(1);

  const failed = await scannedImage();
  await scanResults(failed.imageDigest, scan("FAILED"));
  const { said, exitCode } = await checkImage(failed.tag);
  expect(said).toContain("is FAILED, expected COMPLETE or ACTIVE");
  expect(exitCode).toBe(1);
});

test("of an index each image for a platform must be scanned, and no attestation", async () => {
  const tag = newTag();
  const { digests } = await repository.putIndex(tag);
  const [, arm = "", intel = ""] = digests;
  const { said } = await checkImage(tag);
  expect(said).toContain("ECR has not scanned");
  for (const imageDigest of [arm, intel]) {
    await ecr.send(new StartImageScanCommand({ repositoryName: prefix, imageId: { imageDigest } }));
  }
  expect(await checkImage(tag)).toMatchObject({ exitCode: 0 });
});

test("a deploy to a protected environment asks before it plans", async () => {
  await createBackend(aws, prefix);
  const { tag } = await scannedImage();
  const refused = await script(
    "deploy",
    tag,
    { GH_FAILS: "no attestations found" },
    "--auto-approve",
  );
  expect(refused.said).toContain("no attestations found");
  expect(refused.said).not.toContain("Planning");
  expect(refused.exitCode).toBe(1);
});
