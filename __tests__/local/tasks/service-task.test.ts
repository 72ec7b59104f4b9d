import type { TaskDefinition } from "@aws-sdk/client-ecs";
import { ServiceTargets } from "../../../local/tasks/service-targets";
import { ServiceTask } from "../../../local/tasks/service-task";
import { waitUntil } from "../../e2e/support/wait-until";
import { TARGET_GROUP } from "./support/task-apis";
import {
  CLUSTER,
  running,
  SERVICE,
  taskDefinition,
  TestHost,
  WEB_PROGRAM,
} from "./support/task-host";

const LOAD_BALANCERS = [
  { targetGroupArn: TARGET_GROUP, containerName: "app", containerPort: 8080 },
];
const REGISTRY = "arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-1";
const WAITING = "setInterval(() => {}, 1000)";
/** The least time that a target gets between its removal and SIGTERM. */
const LEAST_DELAY_MS = 1500;

jest.setTimeout(30_000);

let machine: TestHost;
let targets: ServiceTargets;
let events: string[];
const tasks: ServiceTask[] = [];

beforeEach(async () => {
  machine = await TestHost.start();
  targets = new ServiceTargets(machine.apis.aws);
  events = [];
});

afterEach(async () => {
  await Promise.all(tasks.splice(0).map((task) => task.kill(0)));
  targets.close();
  await machine.stop();
});

function start(
  definition: TaskDefinition = taskDefinition(),
  { isBalanced = true, isDiscovered = false, gracePeriodSeconds = 0 } = {},
) {
  const task = new ServiceTask(machine.host, targets, {
    subnetId: "subnet-1",
    clusterName: CLUSTER,
    serviceName: SERVICE,
    deploymentId: "1",
    taskDefinition: definition,
    loadBalancers: isBalanced ? LOAD_BALANCERS : [],
    serviceRegistries: isDiscovered ? [{ registryArn: REGISTRY }] : [],
    healthCheckGracePeriodSeconds: gracePeriodSeconds,
    onEvent: (message) => events.push(message),
  });
  tasks.push(task);
  return task;
}

/** Looks at the task again and again until it is as expected. */
const until = (task: ServiceTask, expected: Partial<ServiceTask>) =>
  waitUntil(
    JSON.stringify(expected),
    async () => {
      await task.refresh();
      expect(task).toMatchObject(expected);
      return true;
    },
    10_000,
  );

const registered = () =>
  waitUntil(
    "the target is registered",
    () => events.some((event) => event.startsWith("registered")),
    10_000,
  );

/** Has the program end by itself. */
async function exit(code: number) {
  const [target] = machine.apis.targets;
  // The process may end before its response has left.
  await fetch(`http://${target?.host ?? ""}:${target?.port ?? 0}/exit/${code}`).catch(
    () => undefined,
  );
}

describe("a task starts", () => {
  test("as PENDING, and is RUNNING as soon as its process runs, without a load balancer", async () => {
    const task = start(running(WAITING), { isBalanced: false });
    expect(task).toMatchObject({ status: "PENDING", healthy: false });
    await until(task, { status: "RUNNING", healthy: true, failure: undefined });
  });

  test("and is registered in its target group once it listens", async () => {
    start(running(`setTimeout(() => { ${WEB_PROGRAM} }, 300)`));
    await registered();
    expect(machine.apis.targets).toEqual([expect.objectContaining({ listened: true })]);
    expect(events).toEqual([`registered 1 targets in (target-group ${TARGET_GROUP})`]);
  });

  test("and is PENDING until the load balancer calls its target healthy", async () => {
    machine.apis.targetHealth = { state: "initial", reason: "Elb.InitialHealthChecking" };
    const task = start();
    await registered();
    await task.refresh();
    expect(task).toMatchObject({ status: "PENDING", healthy: false, failure: undefined });
    machine.apis.targetHealth = { state: "healthy", reason: "" };
    await until(task, { status: "RUNNING", healthy: true });
  });

  test("and is PENDING until its container's health check succeeds too", async () => {
    const healthCheck = { command: ["CMD", "node", "-e", WAITING], interval: 60, timeout: 1 };
    const task = start(taskDefinition({ healthCheck }));
    await registered();
    await task.refresh();
    expect(task).toMatchObject({ status: "PENDING", healthy: false });
  });
});

describe("a task fails", () => {
  test("when it cannot start, with ECS's reason", async () => {
    const task = start(taskDefinition({ command: ["missing"] }));
    await waitUntil("it has failed", () => task.failure, 10_000);
    expect(task.failure).toContain('CannotStartContainerError: exec: "missing"');
    expect(task).toMatchObject({ status: "STOPPED", healthy: false });
  });

  test("when its container ends, with the exit code, and its target is removed", async () => {
    const task = start();
    await until(task, { status: "RUNNING" });
    await exit(3);
    await waitUntil("it has stopped", () => task.status === "STOPPED", 10_000);
    expect(task).toMatchObject({
      failure: "Essential container in task exited (exit code 3)",
      healthy: false,
    });
    await waitUntil("no target is left", () => machine.apis.targets.length === 0, 10_000);
  });

  const unhealthy = { state: "unhealthy", reason: "Target.FailedHealthChecks" };
  const reason = `is unhealthy in (target-group ${TARGET_GROUP}) due to (reason Target.FailedHealthChecks)`;

  test("when the load balancer calls its target unhealthy", async () => {
    const task = start();
    await until(task, { status: "RUNNING" });
    machine.apis.targetHealth = unhealthy;
    await until(task, { healthy: false, failure: reason });
  });

  test("but not within its grace period", async () => {
    machine.apis.targetHealth = unhealthy;
    const task = start(taskDefinition(), { gracePeriodSeconds: 3600 });
    await registered();
    await task.refresh();
    expect(machine.apis.actions()).toContain("DescribeTargetHealth");
    expect(task).toMatchObject({ status: "PENDING", healthy: false, failure: undefined });
  });

  test("when it has not become healthy until its target group would call it unhealthy", async () => {
    machine.apis.targetHealth = { state: "initial", reason: "Elb.InitialHealthChecking" };
    const task = start();
    const begun = Date.now();
    await until(task, { failure: "did not become healthy in its load balancer in time" });
    expect(Date.now() - begun).toBeGreaterThan(1000);
  });

  test("when its container's health check fails", async () => {
    const command = ["CMD", "node", "-e", "process.exit(1)"];
    const task = start(taskDefinition({ healthCheck: { command, interval: 0.05, retries: 2 } }));
    await until(task, { healthy: false, failure: "failed container health checks" });
  });
});

describe("a task is drained", () => {
  test("by removing its target, and by SIGTERM after the deregistration delay", async () => {
    machine.apis.deregistrationDelay = 2;
    const task = start();
    await until(task, { status: "RUNNING" });
    const drained = task.drain();
    expect(task).toMatchObject({ status: "DRAINING", healthy: false });
    await drained;
    expect(task).toMatchObject({ status: "STOPPED", failure: undefined });
    const removed = machine.apis.call("DeregisterTargets")?.at ?? Infinity;
    const [, terminated] = /SIGTERM (\d+)/.exec(await machine.output()) ?? [];
    expect(Number(terminated) - removed).toBeGreaterThanOrEqual(1990);
    expect(machine.apis.targets).toEqual([]);
    expect(events.slice(1)).toEqual([
      "has begun draining connections on 1 tasks.",
      `deregistered 1 targets in (target-group ${TARGET_GROUP})`,
    ]);
  });

  test("without a deregistration delay only once the load balancer has seen it", async () => {
    const task = start();
    await until(task, { status: "RUNNING" });
    await task.drain();
    const removed = machine.apis.call("DeregisterTargets")?.at ?? Infinity;
    const [, terminated] = /SIGTERM (\d+)/.exec(await machine.output()) ?? [];
    expect(Number(terminated) - removed).toBeGreaterThanOrEqual(LEAST_DELAY_MS - 10);
  });

  test("and does not wait for its deregistration delay once its container has ended", async () => {
    machine.apis.deregistrationDelay = 300;
    const task = start();
    await until(task, { status: "RUNNING" });
    const [target] = machine.apis.targets;
    const drained = task.drain();
    await waitUntil("its target is removed", () => machine.apis.targets.length === 0, 10_000);
    await fetch(`http://${target?.host ?? ""}:${target?.port ?? 0}/exit/0`).catch(() => undefined);
    await drained;
    // It was asked to stop, so that its end is no failure.
    expect(task).toMatchObject({ status: "STOPPED", failure: undefined });
  });

  test("although its target group has been deleted", async () => {
    const task = start();
    await until(task, { status: "RUNNING" });
    machine.apis.hasTargetGroup = false;
    await task.drain();
    expect(task.status).toBe("STOPPED");
    expect(events.join("\n")).toMatch(/could not deregister 127.0.0.1: the target group is gone/);
  });

  test("only once, however often it is asked to", async () => {
    const task = start();
    await until(task, { status: "RUNNING" });
    await Promise.all([task.drain(), task.drain()]);
    await task.drain();
    expect(machine.apis.actions().filter((each) => each === "DeregisterTargets")).toHaveLength(1);
    expect(task.status).toBe("STOPPED");
  });

  test("at once while its image is being pulled, and does not start then", async () => {
    const image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:missing";
    const task = start(taskDefinition({ image }));
    await waitUntil("the first try", () => machine.apis.call("BatchGetImage"), 10_000);
    await task.drain();
    expect(task).toMatchObject({ status: "STOPPED", failure: undefined });
    expect(machine.apis.actions().filter((each) => each === "BatchGetImage")).toHaveLength(1);
    expect(events).toEqual([]);
  });

  test("before it listens, without having been registered", async () => {
    const task = start(running(`console.log("up"); ${WAITING}`));
    await waitUntil("it runs", async () => (await machine.output()).includes("up"), 10_000);
    await task.drain();
    expect(task.status).toBe("STOPPED");
    expect(machine.apis.actions()).not.toContain("RegisterTargets");
  });
});

describe("a task of a service with a name in private DNS", () => {
  const discovered = (definition = taskDefinition()) => start(definition, { isDiscovered: true });

  test("is registered once it is healthy, under its id and with its address", async () => {
    machine.apis.targetHealth = { state: "initial", reason: "Elb.InitialHealthChecking" };
    const task = discovered();
    await registered();
    await task.refresh();
    expect(machine.apis.actions()).not.toContain("RegisterInstance");
    machine.apis.targetHealth = { state: "healthy", reason: "" };
    await until(task, { status: "RUNNING" });
    await task.refresh();
    const registrations = machine.apis.calls.filter(({ action }) => action === "RegisterInstance");
    expect(registrations.map(({ parameters }) => parameters)).toEqual([
      {
        ServiceId: "srv-1",
        InstanceId: task.id,
        CreatorRequestId: expect.any(String) as string,
        Attributes: {
          AWS_INSTANCE_IPV4: "127.0.0.1",
          ECS_CLUSTER_NAME: CLUSTER,
          ECS_SERVICE_NAME: SERVICE,
        },
      },
    ]);
  });

  test("is deregistered before it is drained", async () => {
    const task = discovered();
    await until(task, { status: "RUNNING" });
    await task.drain();
    const deregistration = machine.apis.call("DeregisterInstance");
    expect(deregistration?.parameters).toEqual({ ServiceId: "srv-1", InstanceId: task.id });
    expect(deregistration?.at).toBeLessThanOrEqual(machine.apis.call("DeregisterTargets")?.at ?? 0);
  });

  test("is deregistered when its container ends", async () => {
    const task = discovered();
    await until(task, { status: "RUNNING" });
    await exit(3);
    await waitUntil("it is deregistered", () => machine.apis.call("DeregisterInstance"), 10_000);
  });

  test("is drained although the Cloud Map service has been deleted", async () => {
    const task = discovered();
    await until(task, { status: "RUNNING" });
    machine.apis.refusesDeregistrations = true;
    await task.drain();
    expect(task.status).toBe("STOPPED");
    expect(events).toContain(`could not deregister task ${task.id}: no such service`);
  });
});

test("a task that is killed ends in the given time, and its target is not drained", async () => {
  const deaf = `process.on("SIGTERM", () => {}); ${WEB_PROGRAM.replace("process.exit(0)", "0")}`;
  machine.apis.deregistrationDelay = 300;
  const task = start(running(deaf));
  await until(task, { status: "RUNNING" });
  await task.kill(100);
  expect(machine.apis.actions()).not.toContain("DeregisterTargets");
  expect(await machine.output()).toContain("SIGTERM");
});
