import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
} from "@aws-sdk/client-ecs";
import { ECRClient } from "@aws-sdk/client-ecr";
import { readReport } from "../../delivery/report/report";
import { providerSource } from "../../delivery/terraform/provider-source";
import { local, LOCAL_ACCOUNT, LOCAL_REGION } from "../../environments/local";
import { childEnv } from "../../local/child-env";
import { createFoundation } from "../../local/deploy/foundation";
import { clientConfig, environmentVariables } from "../../local/emulator/aws";
import { buildImage } from "../../local/images/image";
import { type RunningAws, startLocalAws } from "../../local/local-aws";
import { definePlatform } from "../../model/platform";
import type { Service } from "../../model/service";
import { appOf } from "../support/app";
import { GitRepository } from "../support/git-repository";
import { synthesizedApp } from "../support/synthesized-app";
import { FakeGh } from "./support/fake-gh";
import { writeOciLayout } from "./support/oci-layout";
import { TestProcess } from "./support/processes";
import { createBackend } from "./support/state-backend";
import { TestRepository } from "./support/test-images";

// A platform of two services, of which one calls the other, from the push of their images to the promotion. Nothing is
// deployed that the services do not need.
const service = (name: string): Service => ({
  name,
  image: { context: name, dockerfile: `${name}/Dockerfile` },
  containerPort: 8080,
  auth: "none",
  cpuArchitecture: "ARM64",
  containerHealthCheck: ["CMD", "node", "health.js"],
  user: "65532:65532",
});

const platform = definePlatform({
  file: __filename,
  name: "shop",
  services: [
    { ...service("web"), connections: [{ service: "worker", variable: "WORKER_URL" }] },
    service("worker"),
  ],
  tables: [],
});

const DOCKERFILE = `FROM node:24-bookworm-slim
WORKDIR /app
COPY server.js health.js ./
CMD ["node", "server.js"]
`;
const listening = (answer: string) => `
const server = require("node:http").createServer(async (_, response) => response.end(${answer}));
const { HOST, PORT } = process.env;
server.listen(PORT, HOST, () => console.log("http://" + HOST + ":" + PORT));
process.on("SIGTERM", () => process.exit(0));
`;
/** A server that answers with its version. */
const workerOf = (version: string) => listening(JSON.stringify(version));
/** A server that answers with what the worker answers. */
const WEB = listening(
  "await fetch(process.env.WORKER_URL).then((r) => r.text(), (error) => String(error.cause))",
);

const folder = mkdtempSync(join(tmpdir(), "many-services-"));
const output = join(folder, "cdktf.out");
const images = join(folder, "images");
const gh = new FakeGh(folder);
const repository = new GitRepository();
let aws: RunningAws;
let first: string;
let second: string;

beforeAll(async () => {
  for (const name of ["web", "worker"]) {
    repository.write(`${name}/Dockerfile`, DOCKERFILE);
    repository.write(`${name}/health.js`, "");
  }
  repository.write("web/server.js", WEB);
  repository.write("worker/server.js", workerOf("first"));
  first = repository.commit();
  aws = await startLocalAws({
    accountId: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    python: "python3",
    imagesDirectory: join(folder, "built"),
    logsDirectory: join(folder, "logs"),
  });
  const delivery = { Platform: platform.name, Environment: "local", Protected: "false" } as const;
  const environment = local(await createFoundation(aws, delivery));
  mkdirSync(output);
  appOf(platform, [environment, { ...environment, name: "next" }], output).synth();
  await createBackend(aws, "shop-local");
}, 300_000);

afterAll(async () => {
  await (aws as RunningAws | undefined)?.stop();
  repository.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a script of the project in the repository of the services. */
async function script(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const all = [resolve(`scripts/${name}.ts`), ...args, ...synthesizedApp(folder)];
  const running = new TestProcess(resolve("node_modules/.bin/tsx"), all, {
    cwd: repository.directory,
    env: {
      ...childEnv({
        ...environmentVariables(aws),
        ...providerSource({ directory: folder }),
      }),
      ...gh.environment,
      ...env,
    },
  });
  return { exitCode: await running.ended(), said: running.output };
}

/** Builds the images of services into the folder that is pushed, and nothing else. */
async function build(...names: readonly string[]) {
  rmSync(images, { recursive: true, force: true });
  for (const name of names) {
    const built = await buildImage({
      root: repository.directory,
      source: service(name).image,
      imagesDirectory: join(folder, "built"),
    });
    writeOciLayout(join(images, name), built);
  }
}

const deploy = (...args: readonly string[]) =>
  script("deploy", [
    "local",
    "--auto-approve",
    ...["ecs-cluster", "iam", "discovery", "ecs-service-web", "ecs-service-worker"].flatMap(
      (state) => ["--only", state],
    ),
    ...args,
  ]);

const repositoryOf = (name: string, environment = "local") =>
  new TestRepository(new ECRClient(clientConfig(aws)), `shop-${environment}-${name}`);

/** The digests that the services run. */
async function running() {
  const ecs = new ECSClient(clientConfig(aws));
  const { services = [] } = await ecs.send(
    new DescribeServicesCommand({
      cluster: "shop-local",
      services: ["shop-local-web", "shop-local-worker"],
    }),
  );
  return Promise.all(
    services.map(async ({ taskDefinition: arn }) => {
      const { taskDefinition } = await ecs.send(
        new DescribeTaskDefinitionCommand({ taskDefinition: arn }),
      );
      return taskDefinition?.containerDefinitions?.[0]?.image?.split("@")[1];
    }),
  );
}

/** What the web service answers, after it has called the worker. */
async function answerOfWeb() {
  const logs = join(folder, "logs/shop-local-web");
  const [log = ""] = readdirSync(logs);
  const [url = ""] = /http:\S+/.exec(readFileSync(join(logs, log), "utf8")) ?? [];
  const response = await fetch(url, { headers: { connection: "close" } });
  return response.text();
}

const digests = async (web: string, worker: string) => [
  await repositoryOf("web").digest(web),
  await repositoryOf("worker").digest(worker),
];

test("the images of all services are pushed to their own repositories, and not again", async () => {
  const repositories = await script("deploy", ["local", "--only", "ecr", "--auto-approve"]);
  expect([repositories.exitCode, repositories.said]).toEqual([
    0,
    expect.stringContaining("Deployed local-ecr."),
  ]);
  await build("web", "worker");
  const pushed = await script("push", ["local", images]);
  expect(pushed.said).toContain(`Pushed shop-local-web:${first}`);
  expect(pushed.said).toContain(`Pushed shop-local-worker:${first}`);
  expect(pushed.exitCode).toBe(0);
  const [web, worker] = await digests(first, first);
  expect(new Set([web, worker, undefined]).size).toBe(3);
  expect(pushed.said).toContain(
    `--image-tag web=${first}@${web} --image-tag worker=${first}@${worker}`,
  );

  await build();
  const again = await script("push", ["local", images]);
  expect(again.said.match(/There already: /g)).toHaveLength(2);
  expect(again.exitCode).toBe(0);
}, 300_000);

test("each service runs its own image", async () => {
  const deployed = await deploy();
  expect([deployed.exitCode, deployed.said]).toEqual([
    0,
    expect.stringContaining("Deployed local-"),
  ]);
  expect(await running()).toEqual(await digests(first, first));
}, 600_000);

test("a service calls another one by its name", async () => {
  expect(await answerOfWeb()).toBe("first");
});

test("an image is not named by a commit that does not have its files", async () => {
  repository.write("worker/server.js", workerOf("second"));
  for (const refused of [await script("push", ["local", images]), await deploy()]) {
    expect(refused.said).toContain(
      "The image of the service worker is built from files that are not committed: worker/server.js",
    );
    expect(refused.exitCode).toBe(1);
  }
}, 120_000);

test("only the image of the service that a commit changes is built", async () => {
  second = repository.commit();
  const { exitCode, said } = await script("images", ["local"]);
  const [web = ""] = await digests(first, first);
  const worker = { service: "worker", tag: second, ...service("worker").image };
  expect(said).toBe(
    `present=web=${first}@${web}\nbuild=${JSON.stringify([{ ...worker, architecture: "ARM64" }])}\n`,
  );
  expect(exitCode).toBe(0);
}, 120_000);

test("a new image of one service changes the state of that service alone", async () => {
  await build("worker");
  expect(await script("push", ["local", images])).toMatchObject({ exitCode: 0 });
  const { exitCode, said } = await deploy();
  expect(said).toContain("\nDeployed local-ecs-service-worker.\n");
  expect(exitCode).toBe(0);
  expect(await running()).toEqual(await digests(first, second));
  expect(await answerOfWeb()).toBe("second");
}, 300_000);

test("a plan names the image of each service, and only that is deployed", async () => {
  const out = join(folder, "plan");
  const planned = await script("plan", ["local", "--image-tag", `worker=${first}`, "--out", out]);
  const report = join(out, "local.json");
  const [web = "", worker = ""] = await digests(first, first);
  expect(readReport(report).images).toEqual({
    web: `${first}@${web}`,
    worker: `${first}@${worker}`,
  });
  expect(planned.said).toContain(`Images:\nweb: ${first}@${web}\nworker: ${first}@${worker}\n`);

  const refused = await deploy("--reviewed", report, "--image-tag", `worker=${second}`);
  expect(refused.said).toContain(
    `the image of the service worker is "${first}@${worker}", expected "${second}@`,
  );
  expect(refused.exitCode).toBe(1);
  const reviewed = await deploy("--reviewed", report, "--image-tag", `worker=${first}`);
  expect(reviewed.said).toContain("\nDeployed local-ecs-service-worker.\n");
  expect(reviewed.exitCode).toBe(0);
  expect(await running()).toEqual([web, worker]);
}, 300_000);

test("the images of all services are promoted, each under its own name", async () => {
  for (const name of ["web", "worker"]) await repositoryOf(name, "next").create();
  const attested = (...names: readonly string[]) => ({
    GH_SAYS: JSON.stringify(names.map((name) => ({ name }))),
  });
  const promote = (env: NodeJS.ProcessEnv) => script("promote", ["local", "next"], env);
  const refused = await promote(attested(`web:${first}`, `worker:${first}`));
  expect(refused.said).toContain(`built as worker:${second} by`);
  expect(refused.exitCode).toBe(1);
  expect(await repositoryOf("worker", "next").digest(second)).toBeUndefined();

  const { exitCode, said } = await promote(attested(`web:${first}`, `worker:${second}`));
  const [web, worker] = await digests(first, second);
  expect(said).toContain(`web=${first}@${web}\nworker=${second}@${worker}\n`);
  expect(exitCode).toBe(0);
  expect(await repositoryOf("web", "next").digest(first)).toBe(web);
  expect(await repositoryOf("worker", "next").digest(second)).toBe(worker);
}, 120_000);
