import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import {
  DescribeClustersCommand,
  DescribeServicesCommand,
  ECSClient,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import {
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { App } from "cdktf";
import { Terraform } from "../../delivery/terraform/terraform";
import { local, LOCAL_ACCOUNT, LOCAL_REGION } from "../../environments/local";
import { platform as flask } from "../../examples/flask/platform";
import { childEnv } from "../../local/child-env";
import { clientConfig } from "../../local/emulator/aws";
import { publishImage } from "../../local/images/publish-image";
import { startPlatform, type StartedPlatform } from "../../local/start";
import type { Network } from "../../model/network";
import { addStates } from "../../stacks";
import { synthesizedApp } from "../support/synthesized-app";
import { TestProcess } from "./support/processes";
import { waitUntil } from "./support/wait-until";

// One platform for all tests, which stand in the order of its life.
let platform: StartedPlatform;
let url: string;
let network: Network;
const directory = mkdtempSync(join(tmpdir(), "flask-"));

const SOURCE = {
  context: "examples/flask/app",
  dockerfile: "examples/flask/app/Dockerfile",
};
const STATES = ["ecr", "ecs-cluster", "iam", "alb", "ecs-service"];

beforeAll(async () => {
  platform = await startPlatform({
    accountId: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    delivery: { Platform: flask.name, Environment: "local", Protected: "false" },
    synthesize: (day0, outdir) => {
      network = day0;
      synthesize(outdir);
    },
    root: resolve("."),
    directory,
    signal: new AbortController().signal,
  });
  symlinkSync(platform.layout.states, join(directory, "cdktf.out"));
  url = platform.aws.loadBalancers.url("flask-local", 80) ?? "";
}, 600_000);

afterAll(async () => {
  await (platform as StartedPlatform | undefined)?.aws.stop();
  rmSync(directory, { recursive: true, force: true });
});

function synthesize(outdir: string, change: { deletionProtection?: boolean } = {}) {
  const scaling = { desiredCount: 1, minCapacity: 1, maxCapacity: 2, targetCpuPercent: 60 };
  const unauthenticated = "The page is for everybody.";
  const app = new App({ outdir });
  addStates(app, {
    platform: flask,
    environment: { ...local(network), scaling, unauthenticated, ...change },
  });
  app.synth();
}

const variables = (image = platform.images.get("flask")): NodeJS.ProcessEnv => ({
  ...childEnv(platform.terraformEnv),
  TF_VAR_image_tag: image,
});

const terraform = (state: string, image?: string, states = platform.layout.states) =>
  new Terraform({
    directory: join(states, "stacks", `local-${state}`),
    env: variables(image),
  });

/** Runs a script of the project for the platform, as its npm script does after the synth. */
async function run(script: string, ...args: readonly string[]) {
  const process_ = new TestProcess(
    process.execPath,
    ["--import", "tsx", `scripts/${script}.ts`, "local", ...synthesizedApp(directory), ...args],
    { env: variables() },
  );
  return { exitCode: await process_.ended(), output: process_.output };
}

/** Publishes the image with another `app.py`. @returns its tag */
async function publish(digit: string, app?: string) {
  const root = join(directory, `root-${digit}`);
  cpSync(SOURCE.context, join(root, SOURCE.context), { recursive: true });
  const file = join(root, SOURCE.context, "app.py");
  if (app === undefined) appendFileSync(file, `# ${digit}\n`);
  else writeFileSync(file, app);
  const tag = digit.repeat(40);
  await publishImage({
    aws: platform.aws,
    repositoryUrl: `${LOCAL_ACCOUNT}.dkr.ecr.${LOCAL_REGION}.amazonaws.com/flask-local`,
    tag,
    root,
    source: SOURCE,
    imagesDirectory: platform.layout.images,
  });
  return tag;
}

const service = { cluster: "flask-local", service: "flask-local" };

async function describeService() {
  const ecs = new ECSClient(clientConfig(platform.aws));
  const { services = [] } = await ecs.send(
    new DescribeServicesCommand({ cluster: service.cluster, services: [service.service] }),
  );
  return services[0];
}

async function scaleTo(desiredCount: number) {
  await new ECSClient(clientConfig(platform.aws)).send(
    new UpdateServiceCommand({ ...service, desiredCount }),
  );
  await waitUntil(`${desiredCount} tasks`, async () => {
    const { runningCount, deployments = [] } = (await describeService()) ?? {};
    return runningCount === desiredCount && deployments[0]?.rolloutState === "COMPLETED";
  });
}

const get = async (path: string) => {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, text: await response.text() };
};

/** Deploys an image that cannot serve, while the running one goes on. @returns what the deploy says */
async function failedDeploy(image: string) {
  const running = (await describeService())?.taskDefinition;
  const { exitCode, output } = await run("deploy", "--image-tag", image, "--auto-approve");
  expect([exitCode, output]).toEqual([
    1,
    expect.stringMatching(/The new tasks failed and ECS rolled the\s+service back/),
  ]);
  expect((await describeService())?.taskDefinition).toBe(running);
  expect(await get("/health")).toMatchObject({ status: 200 });
  return output;
}

test("the application answers / and /health through the load balancer", async () => {
  expect(JSON.parse((await get("/")).text)).toMatchObject({ message: "Hello from Flask" });
  expect(await get("/health")).toEqual({ status: 200, text: '{"status":"ok"}\n' });
});

test("its smoke test passes", async () => {
  const smoke = new TestProcess(
    process.execPath,
    ["--import", "tsx", "scripts/smoke.ts", url, "--app", "examples/flask"],
    { env: variables() },
  );
  expect([await smoke.ended(), smoke.output]).toEqual([0, expect.stringContaining("read /")]);
}, 60_000);

test("scaled to two tasks, both answer", async () => {
  await scaleTo(2);
  // The load balancer keeps its connections, each of which leads to one worker of a task.
  const workers = new Set<unknown>();
  await waitUntil("two workers have answered", async () => {
    workers.add((JSON.parse((await get("/")).text) as { process: number }).process);
    return workers.size >= 2;
  });
}, 60_000);

test("a second plan of every state is empty", async () => {
  for (const state of STATES)
    expect([state, await terraform(state).hasChanges()]).toEqual([state, false]);
}, 120_000);

test("each request is a line of JSON in the log group", async () => {
  await get("/?logged");
  const logs = new CloudWatchLogsClient(clientConfig(platform.aws));
  await waitUntil("the line", async () => {
    const { events = [] } = await logs.send(
      new FilterLogEventsCommand({ logGroupName: "/ecs/flask-local" }),
    );
    const lines = events.filter(({ message = "" }) => message.startsWith("{"));
    return lines.some(({ message = "" }) => {
      const { method, path, status } = JSON.parse(message) as Record<string, unknown>;
      return method === "GET" && path === "/" && status === 200;
    });
  });
}, 60_000);

test("an image tag that is not in the repository is refused before anything is changed", async () => {
  const { exitCode, output } = await run("deploy", "--image-tag", "f".repeat(40));
  expect([exitCode, output]).toEqual([
    1,
    expect.stringMatching(/flask-local has no image f{40}\. Push it, or promote it/),
  ]);
  expect((await describeService())?.deployments).toHaveLength(1);
}, 60_000);

test("a container that fails at start is rolled back; the deploy and the logs say why", async () => {
  const image = await publish("b", 'raise ValueError("no configuration")\n');
  expect(await failedDeploy(image)).toMatch(
    // Why gunicorn ends with 1, too, is said in python-container.test.ts.
    /Essential container in task exited \(exit code [13]\)/,
  );
  const logs = new CloudWatchLogsClient(clientConfig(platform.aws));
  const { events = [] } = await logs.send(
    new FilterLogEventsCommand({ logGroupName: "/ecs/flask-local" }),
  );
  const text = events.map(({ message }) => message).join("\n");
  expect(text).toContain("ValueError: no configuration");
}, 300_000);

const UNHEALTHY = `
from flask import Flask
app = Flask("unhealthy")

@app.get("/health")
def health():
    return "no", 503
`;

test("targets that are not healthy do not take over, and the deploy says why", async () => {
  expect(await failedDeploy(await publish("c", UNHEALTHY))).toMatch(
    /is unhealthy in \(target-group .*\) due to \(reason .*ResponseCodeMismatch/,
  );
}, 400_000);

test("an execution role that may not pull fails the deploy in ECS's words", async () => {
  const role = { RoleName: "flask-local-execution", PolicyName: "no-pull" };
  const iam = new IAMClient(clientConfig(platform.aws));
  const Statement = [{ Effect: "Deny", Action: "ecr:BatchGetImage", Resource: "*" }];
  const image = await publish("d");
  await iam.send(
    new PutRolePolicyCommand({
      ...role,
      PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement }),
    }),
  );
  expect(await failedDeploy(image)).toMatch(
    /CannotPullContainerError: .*not authorized to perform: ecr:BatchGetImage/,
  );
  await iam.send(new DeleteRolePolicyCommand(role));
  const again = await run("deploy", "--image-tag", image, "--auto-approve");
  expect([again.exitCode, again.output]).toEqual([0, expect.any(String)]);
}, 400_000);

test("without a task the load balancer answers 503, until there is one again", async () => {
  await scaleTo(0);
  expect(await get("/")).toMatchObject({ status: 503 });
  await scaleTo(1);
  await waitUntil("it answers 200", async () => (await get("/")).status === 200);
}, 120_000);

test("what differs from the configuration is shown as drift", async () => {
  const logs = new CloudWatchLogsClient(clientConfig(platform.aws));
  const retain = (retentionInDays: number) =>
    logs.send(new PutRetentionPolicyCommand({ logGroupName: "/ecs/flask-local", retentionInDays }));
  await retain(30);
  const drift = await run("drift");
  expect([drift.exitCode, drift.output]).toEqual([
    2,
    expect.stringContaining("change aws_cloudwatch_log_group.log_group"),
  ]);
  await retain(1);
  const none = await run("drift");
  expect([none.exitCode, none.output]).toEqual([0, expect.stringContaining("Nothing has drifted")]);
}, 240_000);

describe("torn down", () => {
  const destroy = ["destroy", "-input=false", "-auto-approve"];

  test("a protected repository that has images stays, and says so", async () => {
    const states = join(directory, "protected");
    mkdirSync(states);
    synthesize(states, { deletionProtection: true });
    const ecr = terraform("ecr", undefined, states);
    await ecr.init();
    await ecr.apply();
    await expect(ecr.run(destroy)).rejects.toThrow(
      /ECR Repository \(flask-local\) not empty, consider using force_delete/,
    );
    expect(await get("/health")).toMatchObject({ status: 200 });
    // What the runbook says: `deletionProtection: false`, and a deploy.
    await terraform("ecr").apply();
  }, 120_000);

  test("nothing is left of any state", async () => {
    for (const state of ["ecs-service", "alb", "iam", "ecs-cluster", "ecr"]) {
      await terraform(state).run(destroy);
      expect((await terraform(state).run(["state", "list"])).stdout).toBe("");
    }
    const config = clientConfig(platform.aws);
    const { repositories } = await new ECRClient(config).send(new DescribeRepositoriesCommand({}));
    const { clusters = [] } = await new ECSClient(config).send(
      new DescribeClustersCommand({ clusters: [service.cluster] }),
    );
    // ECS can be asked of a deleted cluster for a while.
    const active = clusters.filter(({ status }) => status !== "INACTIVE");
    const { LoadBalancers } = await new ElasticLoadBalancingV2Client(config).send(
      new DescribeLoadBalancersCommand({}),
    );
    const { logGroups } = await new CloudWatchLogsClient(config).send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: "/ecs/" }),
    );
    expect({ repositories, active, LoadBalancers, logGroups }).toEqual({
      repositories: [],
      active: [],
      LoadBalancers: [],
      logGroups: [],
    });
  }, 240_000);
});
