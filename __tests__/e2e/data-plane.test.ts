import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeTargetHealthCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientConfig, type LocalAws } from "../../local/emulator/aws";
import { startEmulator, type Emulator } from "../../local/emulator/emulator";
import { buildImage, type Image } from "../../local/images/image";
import { startLoadBalancers, type LoadBalancers } from "../../local/load-balancer/load-balancer";
import { pushImage } from "../../local/images/registry";
import type { Addressing } from "../../local/tasks/task-address";
import { startTaskRunner, type TaskRunner } from "../../local/tasks/task-runner";
import { constantLoad, type ConstantLoad } from "./support/constant-load";
import { brokenServer, workingServer, writeContext, WHOLE_FOLDER } from "./support/test-image";
import { TestPlatform } from "./support/test-platform";
import { isAlive } from "./support/processes";
import { waitUntil } from "./support/wait-until";

jest.setTimeout(90_000);

let directory: string;
let emulator: Emulator;
let aws: LocalAws;
let platform: TestPlatform;
let runner: TaskRunner;
let loadBalancers: LoadBalancers;
let url: string;
const events: string[] = [];
let load: ConstantLoad | undefined;

afterEach(() => load?.stop());

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "data-plane-"));
  const region = "eu-west-1";
  const accountId = "123456789012";
  const logFile = join(directory, "emulator.log");
  emulator = await startEmulator({ python: "python3", accountId, region, logFile });
  ({ aws } = emulator);
  platform = new TestPlatform(aws);
  await platform.create();
  runner = await startRunner();
  loadBalancers = await startLoadBalancers({ aws, onEvent: (message) => events.push(message) });
  await push("v1", workingServer("v1"));
  await push("v2", workingServer("v2"));
  await push("broken", brokenServer);
  await platform.createService(await platform.registerTaskDefinition("v1"), 2);
  url = loadBalancers.url(platform.loadBalancerName, 80) ?? "";
});

afterAll(async () => {
  await loadBalancers.stop();
  await runner.stop();
  await emulator.stop();
  await rm(directory, { recursive: true, force: true });
});

function startRunner(options: { addressing?: Addressing } = {}): Promise<TaskRunner> {
  return startTaskRunner({
    aws,
    imagesDirectory: join(directory, "images"),
    logsDirectory: join(directory, "logs"),
    onEvent: (message) => events.push(message),
    ...options,
  });
}

async function push(tag: string, server: string): Promise<Image> {
  const root = await writeContext(join(directory, `context-${tag}`), server);
  const image = await buildImage({
    root,
    source: WHOLE_FOLDER,
    imagesDirectory: join(directory, "images"),
  });
  await pushImage({ aws, repositoryName: platform.repositoryName, tag, image });
  return image;
}

async function deploy(...revision: Parameters<TestPlatform["registerTaskDefinition"]>) {
  const taskDefinition = await platform.registerTaskDefinition(...revision);
  await platform.updateService({ taskDefinition });
  return taskDefinition;
}

async function steadyOn(taskDefinition: string): Promise<void> {
  await waitUntil(`the service is steady on ${taskDefinition}`, () =>
    platform.isSteadyOn(taskDefinition),
  ).catch((error: unknown) => {
    throw new Error(`${(error as Error).message}\n${events.slice(-20).join("\n")}`);
  });
}

async function json(route: string): Promise<Record<string, string>> {
  const response = await fetch(`${url}${route}`);
  return (await response.json()) as Record<string, string>;
}

test("a created service is served through the load balancer by as many tasks as it asks for", async () => {
  await steadyOn((await platform.describeService()).taskDefinition ?? "");
  const hosts = await Promise.all(Array.from({ length: 4 }, () => json("/version")));
  expect(new Set(hosts.map(({ host }) => host)).size).toBe(2);
  expect(events.join("\n")).toContain("(service data-plane) has reached a steady state.");
});

test("a new image replaces the tasks without losing a request", async () => {
  load = constantLoad(`${url}/version`);
  await steadyOn(await deploy("v2"));
  const { requests, failures } = await load.stop();
  expect(failures).toEqual([]);
  expect(requests).toBeGreaterThan(100);
  expect(await json("/version")).toMatchObject({ version: "v2" });
});

test("a request that is under way when its task is replaced is answered", async () => {
  const slow = json("/slow");
  await steadyOn(await deploy("v1"));
  expect(await slow).toEqual({ slow: true });
});

test("a broken image is rolled back, and the old tasks have not stopped serving", async () => {
  const before = await platform.describeService();
  const served = await hosts();
  load = constantLoad(`${url}/version`);
  await deploy("broken");
  await waitUntil("the deployment has failed", async () =>
    (await serviceEvents()).includes("deployment failed: tasks failed to start."),
  );
  await steadyOn(before.taskDefinition ?? "");
  const { failures } = await load.stop();
  expect(failures).toEqual([]);
  expect(await hosts()).toEqual(served);
  expect(await serviceEvents()).toContain("Essential container in task exited (exit code 1)");
});

test("a tag that is not in ECR fails the task as on AWS", async () => {
  const before = await platform.describeService();
  await deploy("missing");
  await waitUntil("the event", async () =>
    /CannotPullContainerError: .*data-plane:missing: not found/.test(await serviceEvents()),
  );
  await steadyOn(before.taskDefinition ?? "");
});

test.each([
  ["entryPoint", { entryPoint: ["/bin/sh", "-c"] }],
  ["command", { command: ["sh", "-c"] }],
])("a task definition's %s cannot start a program of this machine", async (_, container) => {
  const canary = join(directory, "canary");
  const [[field, words] = ["", []]] = Object.entries(container);
  const before = await platform.describeService();
  await deploy("v1", { ...container, [field]: [...words, `echo pwned > ${canary}`] });
  await waitUntil("the event", async () =>
    /CannotStartContainerError: exec: ".*sh": /.test(await serviceEvents()),
  );
  await steadyOn(before.taskDefinition ?? "");
  expect(existsSync(canary)).toBe(false);
});

test("the container gets its own environment variables and none of this process", async () => {
  process.env.SECRET_OF_THE_ENGINEER = "1";
  await steadyOn(await deploy("v1", { stopTimeout: 3 }));
  const env = await json("/environment");
  expect(Object.keys(env).sort()).toEqual([
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_EXECUTION_ENV",
    "AWS_REGION",
    "FROM_IMAGE",
    "HOME",
    "HOST",
    "HOSTNAME",
    "LOCAL_AWS_LISTENER",
    "NODE_ENV",
    "PATH",
    "PORT",
    "TABLE",
  ]);
  expect(env).toMatchObject({ FROM_IMAGE: "yes", TABLE: "data-plane", PORT: "8080" });
});

test("the task acts as its role: what the role does not allow is denied", async () => {
  expect(await json("/read")).not.toHaveProperty("error");
  expect(await json("/delete")).toMatchObject({ error: "AccessDeniedException" });
});

test("the load balancer forwards the address of the client", async () => {
  expect(await json("/headers")).toMatchObject({
    "x-forwarded-for": "127.0.0.1",
    "x-forwarded-proto": "http",
    "x-forwarded-port": "80",
    "x-amzn-trace-id": expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/) as string,
  });
});

test("what the container writes is in its CloudWatch log stream", async () => {
  const logs = new CloudWatchLogsClient(clientConfig(aws));
  await waitUntil("the line", async () => {
    const { events: lines = [] } = await logs.send(
      new FilterLogEventsCommand({ logGroupName: platform.logGroupName }),
    );
    return lines.some(
      ({ message, logStreamName }) =>
        message === "listening v2" && logStreamName?.startsWith("data-plane/app/"),
    );
  });
});

test("a task over its memory limit is killed and replaced", async () => {
  await steadyOn(await deploy("v1", { memory: 256 }));
  // The task may be killed before it answers.
  await fetch(`${url}/hoard`);
  await waitUntil("the event", async () =>
    /OutOfMemoryError: Container killed due to memory usage \(exit code 137\)/.test(
      await serviceEvents(),
    ),
  );
  await waitUntil("two tasks serve again", async () => (await hosts()).length === 2);
});

test("a change of the desired count is followed", async () => {
  await platform.updateService({ desiredCount: 1 });
  await waitUntil("one task", async () => (await hosts()).length === 1);
  await platform.updateService({ desiredCount: 3 });
  await waitUntil("three tasks", async () => (await hosts()).length === 3);
});

test("without a rule out of the load balancer's security group it answers 504", async () => {
  await platform.revokeEgress();
  await waitUntil("504", async () => (await fetch(`${url}/version`)).status === 504);
  await waitUntil("its health checks time out", async () => {
    const { TargetHealthDescriptions = [] } = await platform.elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: platform.targetGroupArn }),
    );
    return TargetHealthDescriptions.some(
      ({ TargetHealth }) => TargetHealth?.Reason === "Target.Timeout",
    );
  });
});

test("no process outlives the runner", async () => {
  await platform.allowEgress();
  await waitUntil("three tasks", async () => (await hosts()).length === 3);
  const pids = await taskPids();
  expect(pids).toHaveLength(3);
  await runner.stop();
  expect(pids.filter(isAlive)).toEqual([]);
});

test("where there is one loopback address only, a task has a port of its own on it", async () => {
  await platform.updateService({ desiredCount: 1 });
  runner = await startRunner({ addressing: "own-port" });
  await waitUntil("the task", async () => (await hosts()).join() === "127.0.0.1");
  expect((await json("/environment")).PORT).not.toBe("8080");
});

/** The addresses that answer. Each task has one. */
async function hosts(): Promise<string[]> {
  const answers = await Promise.all(Array.from({ length: 12 }, () => json("/version")));
  return [...new Set(answers.map(({ host = "" }) => host))].sort();
}

async function serviceEvents(): Promise<string> {
  const { events: told = [] } = await platform.describeService();
  return told.map(({ message }) => message).join("\n");
}

/** The process ids of the tasks that answer. */
async function taskPids(): Promise<number[]> {
  const answers = await Promise.all(Array.from({ length: 12 }, () => json("/version")));
  return [...new Set(answers.map(({ pid }) => Number(pid)))];
}
