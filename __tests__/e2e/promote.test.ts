import { once } from "node:events";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { ECRClient } from "@aws-sdk/client-ecr";
import { promoteImages } from "../../constructs/identity/policies";
import { dev } from "../../environments/dev";
import { local, LOCAL_ACCOUNT, LOCAL_REGION } from "../../environments/local";
import { clientConfig, environmentVariables, type LocalAws } from "../../local/emulator/aws";
import { type Emulator, startEmulator } from "../../local/emulator/emulator";
import { buildImage } from "../../local/images/image";
import { pushImage, resolveImage } from "../../local/images/registry";
import { platform as inventory } from "../../platforms/inventory/platform";
import { appOf } from "../support/app";
import { allow, assumedRole, sessionConfig } from "./support/emulated-role";
import { FakeGh } from "./support/fake-gh";
import { TestProcess } from "./support/processes";
import { waitUntil } from "./support/wait-until";
import { brokenServer, writeContext, WHOLE_FOLDER } from "./support/test-image";
import { newTag, TestRepository } from "./support/test-images";
import { synthesizedApp } from "../support/synthesized-app";

jest.setTimeout(120_000);

const MIB = 1024 * 1024;
const folder = mkdtempSync(join(tmpdir(), "promote-"));
const output = join(folder, "cdktf.out");
const gh = new FakeGh(folder);
const account = { region: LOCAL_REGION, accountId: LOCAL_ACCOUNT };
let aws: LocalAws;

/** A proxy between the script and ECR that records each call and corrupts layers on request. */
class Registry {
  readonly calls: string[] = [];
  /** The tags with which images were put. */
  readonly tags: (string | undefined)[] = [];
  /** The number of further layers that are corrupted. */
  corrupted = 0;
  /** The number of further layers that are cut off. */
  cutOff = 0;
  /** An action that is neither answered nor executed. */
  silent = "";
  private readonly server = createServer((call, answer) => {
    this.handle(call, answer).catch(() => call.socket.destroy());
  });

  /** The endpoint of the local AWS, to which calls are forwarded. */
  target = "";

  async start() {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
  }

  get host() {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(call: IncomingMessage, answer: ServerResponse) {
    const target = call.headers["x-amz-target"];
    const action =
      target === undefined
        ? call.method === "GET"
          ? "Download"
          : "GetCallerIdentity"
        : String(target).replace(/^.*\./, "");
    this.calls.push(action);
    if (action === this.silent) return;
    const body = await buffer(call);
    if (action === "PutImage") {
      this.tags.push((JSON.parse(body.toString()) as { imageTag?: string }).imageTag);
    }
    // The Host header is unchanged, because ECR uses it in the URLs of layers.
    const forwarded = request(this.target, {
      path: call.url,
      method: call.method,
      headers: call.headers,
    });
    const [response] = (await once(forwarded.end(body), "response")) as [IncomingMessage];
    const answered = await buffer(response);
    const isLayer = call.method === "GET";
    if (isLayer && this.corrupted-- > 0) answered[0] = (answered[0] ?? 0) ^ 1;
    answer.writeHead(response.statusCode ?? 0, response.headers);
    if (isLayer && this.cutOff-- > 0) {
      answer.write(answered.subarray(0, answered.length / 2), () => call.socket.destroy());
    } else answer.end(answered);
  }
}

type SessionCredentials = ReturnType<typeof sessionConfig>["credentials"];

let emulator: Emulator;
const registry = new Registry();
let ecr: ECRClient;
let source: TestRepository;
let target: TestRepository;

beforeAll(async () => {
  await registry.start();
  emulator = await startEmulator({
    python: "python3",
    ...account,
    logFile: join(folder, "aws.log"),
    hostAliases: [registry.host],
  });
  registry.target = emulator.aws.endpoint;
  aws = { ...emulator.aws, endpoint: `http://${registry.host}` };
  ecr = new ECRClient(clientConfig(emulator.aws));
  source = new TestRepository(ecr, "inventory-local");
  target = new TestRepository(ecr, "inventory-next");
  await source.create();
  await target.create();
  const environment = local(dev.network);
  appOf(inventory, [environment, { ...environment, name: "next" }, dev], output).synth();
});

afterAll(async () => {
  ecr.destroy();
  await registry.stop();
  await emulator.stop();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  registry.calls.length = registry.tags.length = 0;
  registry.corrupted = registry.cutOff = 0;
  registry.silent = "";
});

const start = (
  args: readonly string[],
  credentials?: SessionCredentials,
  env: NodeJS.ProcessEnv = {},
) =>
  new TestProcess(
    "node_modules/.bin/tsx",
    ["scripts/promote.ts", ...synthesizedApp(folder), ...args],
    {
      env: {
        ...process.env,
        ...environmentVariables(aws),
        ...gh.environment,
        ...(credentials && {
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          AWS_SESSION_TOKEN: credentials.sessionToken,
        }),
        ...env,
      },
    },
  );

/** What is attested of an image, which is given as `<tag>` or `<tag>@<digest>`. */
const attested = (image: string) => ({ GH_NAME: `inventory:${image.split("@", 1).join("")}` });

const promote = async (
  tag: string,
  credentials?: SessionCredentials,
  environments: readonly string[] = ["local", "next"],
) => {
  const script = start([...environments, "--image-tag", tag], credentials, attested(tag));
  return { exitCode: await script.ended(), said: script.output };
};

describe("an index of two images with attestations", () => {
  const tag = newTag();
  let tagsPut: readonly (string | undefined)[];
  let pushed: Awaited<ReturnType<TestRepository["putIndex"]>>;

  beforeAll(async () => {
    pushed = await source.putIndex(tag, randomBytes(11 * MIB));
  });

  test("is promoted completely and unchanged, and the digest and the next step are printed", async () => {
    const { exitCode, said } = await promote(tag);
    tagsPut = [...registry.tags];
    expect(said).toContain(`\ninventory=${tag}@${pushed.digest}\n`);
    expect(said).toContain(`Next: npm run plan -- next --image-tag ${tag}@${pushed.digest}`);
    expect(exitCode).toBe(0);
    expect(await target.digest(tag)).toBe(pushed.digest);
    for (const imageDigest of pushed.digests) {
      const manifest = await source.manifest({ imageDigest });
      expect(await target.manifest({ imageDigest })).toBe(manifest);
    }
    expect(await target.digest(pushed.signatureTag)).toBe(pushed.digests.at(-1));
  });

  test("gets its tag last, when everything else exists", () => {
    const untagged = Array(5).fill(undefined) as undefined[];
    expect(tagsPut).toEqual([...untagged, pushed.signatureTag, tag]);
  });

  test("is not copied again", async () => {
    const { exitCode, said } = await promote(tag);
    expect(exitCode).toBe(0);
    expect(said).toContain("is there already");
    expect(said).toContain(`\ninventory=${tag}@${pushed.digest}\n`);
    expect(new Set(registry.calls)).toEqual(new Set(["GetCallerIdentity", "BatchGetImage"]));
  });
});

test.each(["CompleteLayerUpload", "PutImage"])(
  "a promotion that is cut off at %s tags nothing, and is taken up again",
  async (action) => {
    const tag = newTag();
    const { digest } = await source.putIndex(tag);
    registry.silent = action;
    const interrupted = start(["local", "next", "--image-tag", tag], undefined, attested(tag));
    await waitUntil(action, () => registry.calls.includes(action), 90_000);
    await interrupted.signal("SIGKILL");
    registry.silent = "";
    expect(await target.digest(tag)).toBeUndefined();

    expect(await promote(tag)).toMatchObject({ exitCode: 0 });
    expect(await target.digest(tag)).toBe(digest);
  },
);

test("a promoted image is one that tasks can run, here too", async () => {
  const tag = newTag();
  const root = await writeContext(join(folder, "context"), brokenServer);
  const image = await buildImage({
    root,
    source: WHOLE_FOLDER,
    imagesDirectory: join(folder, "images"),
  });
  await pushImage({ aws, repositoryName: source.repositoryName, tag, image });
  expect(await promote(tag)).toMatchObject({ exitCode: 0 });
  const reference = `${LOCAL_ACCOUNT}.dkr.ecr.${LOCAL_REGION}.amazonaws.com/inventory-next:${tag}`;
  expect(await resolveImage(clientConfig(aws), reference)).toBe(image.digest);
});

test("a promotion needs what the repository's policy lets it read, and to push", async () => {
  const tag = newTag();
  const { digest } = await source.putIndex(tag);
  const arn = (name: string) => `arn:aws:ecr:${LOCAL_REGION}:${LOCAL_ACCOUNT}:repository/${name}`;
  const reads = [promoteImages("").Action].flat();
  const pushes = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
  ];
  const promoteWithout = async (action = "") => {
    const but = (actions: readonly string[]) => actions.filter((each) => each !== action);
    const { config } = await assumedRole(aws, {
      statements: [
        allow(but(reads), arn(source.repositoryName)),
        allow(but(pushes), arn(target.repositoryName)),
      ],
    });
    return promote(tag, config.credentials);
  };
  for (const action of ["ecr:GetDownloadUrlForLayer", "ecr:PutImage"]) {
    const { exitCode, said } = await promoteWithout(action);
    expect(said).toContain(`not authorized to perform: ${action}`);
    expect(exitCode).toBe(1);
  }
  expect(await target.digest(tag)).toBeUndefined();
  expect(await promoteWithout()).toMatchObject({ exitCode: 0 });
  expect(await target.digest(tag)).toBe(digest);
});

test("a layer whose connection breaks is asked for again", async () => {
  const tag = newTag();
  const { digest } = await source.putImage({ tag, layer: randomBytes(12 * MIB) });
  registry.cutOff = 2;
  expect(await promote(tag)).toMatchObject({ exitCode: 0 });
  expect(await target.digest(tag)).toBe(digest);
});

test("a layer that is not what its digest says is refused, and nothing is tagged", async () => {
  const tag = newTag();
  await source.putImage({ tag });
  registry.corrupted = 1;
  const { exitCode, said } = await promote(tag);
  expect(exitCode).toBe(1);
  expect(said).toMatch(/the layer sha256:\w{64} came with other content, of digest sha256:\w{64}/);
  expect(said).toContain(`The tag ${tag} was not put`);
  expect(registry.calls).not.toContain("PutImage");
  expect(await target.digest(tag)).toBeUndefined();
});

test("a tag that names another image there stays as it is", async () => {
  const tag = newTag();
  await source.putImage({ tag });
  const { digest } = await target.putImage({ tag });
  const { exitCode, said } = await promote(tag);
  expect(exitCode).toBe(1);
  expect(said).toContain(`The tag ${tag} of inventory-next names the image ${digest}, expected`);
  expect(registry.calls).not.toContain("InitiateLayerUpload");
  expect(await target.digest(tag)).toBe(digest);
});

test("a tag that names another image than the one that was built is not promoted", async () => {
  const tag = newTag();
  const { digest } = await source.putImage({ tag });
  const built = `sha256:${"1".repeat(64)}`;
  const { exitCode, said } = await promote(`${tag}@${built}`);
  expect(exitCode).toBe(1);
  expect(said).toContain(`The tag ${tag} of inventory-local names the image ${digest}`);
  expect(said).toContain(built);
  expect(await target.digest(tag)).toBeUndefined();
  expect(await promote(`${tag}@${digest}`)).toMatchObject({ exitCode: 0 });
});

test("an image whose build is not attested is not promoted", async () => {
  const tag = newTag();
  await source.putImage({ tag });
  const script = start(["local", "next", "--image-tag", tag], undefined, {
    GH_FAILS: "no attestations found",
  });
  expect(await script.ended()).toBe(1);
  expect(script.output).toContain("no attestations found");
  expect(await target.digest(tag)).toBeUndefined();
});

test("a tag that the source lacks is an error that says what to do", async () => {
  const tag = newTag();
  const { exitCode, said } = await promote(tag);
  expect(exitCode).toBe(1);
  expect(said).toContain(`inventory-local has no image of the tag ${tag}. Build and push it there`);
});

test.each([
  [["local", "prod"], 'environment is "prod", expected one of dev, local, next'],
  [["dev", "local"], 'environments/dev.ts: account is the placeholder "000000000000"'],
])("%p cannot be promoted between", async (environments, message) => {
  const { exitCode, said } = await promote(newTag(), undefined, environments);
  expect(exitCode).toBe(1);
  expect(said).toContain(message);
});

test("a tag that is no commit SHA is refused", async () => {
  const { exitCode, said } = await promote("latest");
  expect(exitCode).toBe(1);
  expect(said).toContain('--image-tag is "latest", expected a full commit SHA');
});
