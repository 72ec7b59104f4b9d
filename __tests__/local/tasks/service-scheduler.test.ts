import type { ContainerDefinition, Deployment, Service, TaskDefinition } from "@aws-sdk/client-ecs";
import { ServiceScheduler } from "../../../local/tasks/service-scheduler";
import { ServiceTargets } from "../../../local/tasks/service-targets";
import { waitUntil } from "../../e2e/support/wait-until";
import { TARGET_GROUP } from "./support/task-apis";
import { CLUSTER, SERVICE, taskDefinition, TestHost } from "./support/task-host";

/** Says its process id, and runs until it is told to stop. */
const RUNNING = "console.log('pid ' + process.pid); setInterval(() => {}, 1000)";
const BREAKER = { deploymentCircuitBreaker: { enable: true, rollback: true } };

jest.setTimeout(30_000);

let machine: TestHost;
let targets: ServiceTargets;
let scheduler: ServiceScheduler;
let definitions: Map<string, TaskDefinition>;
let events: { readonly message: string; readonly at: number }[];
let service: Service;

beforeEach(async () => {
  machine = await TestHost.start();
  targets = new ServiceTargets(machine.apis.aws);
  definitions = new Map();
  events = [];
  scheduler = new ServiceScheduler(
    machine.host,
    targets,
    { clusterName: CLUSTER, serviceName: SERVICE },
    (arn) => Promise.resolve(definitions.get(arn) ?? {}),
    (message) => events.push({ message, at: Date.now() }),
  );
  service = { desiredCount: 2, deployments: [] };
});

afterEach(async () => {
  await scheduler.stop(0);
  targets.close();
  await machine.stop();
});

/** Deploys a program as ECS does: the new deployment is PRIMARY, and those before are ACTIVE. */
const deploy = (program: string) => deployDefinition({ command: ["node", "-e", program] });

/** Deploys a container whose program is not in its image, so that no task of it starts. */
const deployBroken = () => deployDefinition({ command: ["missing"] });

function deployDefinition(container: ContainerDefinition, task: TaskDefinition = {}) {
  const definition = taskDefinition(container, task, definitions.size + 1);
  definitions.set(definition.taskDefinitionArn ?? "", definition);
  return makePrimary(definition.taskDefinitionArn);
}

function makePrimary(arn?: string): Deployment {
  const older = (service.deployments ?? []).map((each) => ({ ...each, status: "ACTIVE" }));
  const id = `ecs-svc/${older.length + 1}`;
  const primary = {
    id,
    status: "PRIMARY",
    taskDefinition: arn,
    rolloutState: "IN_PROGRESS",
  } as const;
  service = { ...service, deployments: [primary, ...older] };
  return primary;
}

/** One round of the scheduler; the deployments then are in the state that it reported. */
async function reconcile() {
  await scheduler.reconcile(service);
  const reports = machine.apis.reports.at(-1)?.deployments ?? [];
  const deployments = (service.deployments ?? []).map((deployment) => {
    const report = reports.find(({ id }) => id === deployment.id);
    return report ? { ...deployment, ...report } : deployment;
  });
  service = { ...service, deployments };
}

/** Rounds until the condition holds. */
const reconcileUntil = (what: string, condition: () => boolean) =>
  waitUntil(
    what,
    async () => {
      await reconcile();
      return condition();
    },
    15_000,
  );

const primary = () => service.deployments?.[0];
const told = (text: string) => events.filter(({ message }) => message.includes(text));
const isSteady = () =>
  primary()?.rolloutState === "COMPLETED" && primary()?.runningCount === service.desiredCount;
const steady = () => reconcileUntil("a steady state", isSteady);
const idsIn = (messages: { readonly message: string }[]) =>
  messages.flatMap(({ message }) =>
    [...message.matchAll(/\(task ([0-9a-f]{32})\)/g)].map(([, id]) => id),
  );
const started = () => idsIn(told("has started"));
const stopped = () => idsIn(told("has stopped"));

/** The processes that have said their id. */
const pids = async () =>
  [...(await machine.output()).matchAll(/^pid (\d+)$/gm)].map(([, pid]) => Number(pid));

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const alive = async () => (await pids()).filter(isAlive);

/** Waits until so many processes are alive, each of which has begun. */
const processes = (count: number) =>
  waitUntil(
    `${count} processes`,
    async () => {
      const found = await alive();
      return found.length === count ? found : undefined;
    },
    10_000,
  );

describe("a new service", () => {
  test("starts its tasks and is steady once they run", async () => {
    deploy(RUNNING);
    await reconcile();
    expect(primary()).toMatchObject({
      pendingCount: 2,
      runningCount: 0,
      rolloutState: "IN_PROGRESS",
    });
    await steady();
    expect(primary()).toMatchObject({
      pendingCount: 0,
      runningCount: 2,
      failedTasks: 0,
      rolloutStateReason: "ECS deployment ecs-svc/1 completed.",
    });
    expect(started()).toHaveLength(2);
    await reconcile();
    expect(events.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^\(service web\) has started 2 tasks: \(task .*\) \(task .*\)\.$/),
      "(service web) (deployment ecs-svc/1) deployment completed.",
      "(service web) has reached a steady state.",
    ]);
  });

  test("runs its tasks in its subnet, and registers them in its target group", async () => {
    service = {
      ...service,
      loadBalancers: [{ targetGroupArn: TARGET_GROUP }],
      networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-7"] } },
    };
    deployDefinition({}, { taskRoleArn: "arn:aws:iam::123456789012:role/task" });
    await steady();
    expect(machine.apis.targets).toHaveLength(2);
    expect(machine.apis.call("/_emulator/iam/task-roles")?.parameters.subnetId).toBe("subnet-7");
  });

  test("is not looked at before it has a PRIMARY deployment", async () => {
    await reconcile();
    expect(events).toEqual([]);
  });
});

describe("the desired count", () => {
  test("is followed up, down, and to nothing", async () => {
    service.desiredCount = 1;
    deploy(RUNNING);
    await steady();
    service.desiredCount = 3;
    await steady();
    expect(started()).toHaveLength(3);
    service.desiredCount = 1;
    await reconcileUntil("two have stopped", () => stopped().length === 2);
    await steady();
    // The oldest task stays.
    expect(stopped()).not.toContain(started()[0]);
    service.desiredCount = 0;
    await reconcileUntil("all have stopped", () => stopped().length === 3);
    await steady();
    expect(await alive()).toEqual([]);
    expect(started()).toHaveLength(3);
  });
});

describe("a task that stops by itself", () => {
  test("is replaced, and the deployment stays COMPLETED", async () => {
    deploy(RUNNING);
    await steady();
    const [pid = 0] = await processes(2);
    process.kill(pid, "SIGKILL");
    await reconcileUntil("a new task is started", () => started().length === 3);
    expect(told("stopped: Essential container in task exited (exit code 137).")).toHaveLength(1);
    expect(primary()).toMatchObject({ failedTasks: 1, rolloutState: "COMPLETED" });
    await steady();
    expect(told("deployment completed")).toHaveLength(1);
    expect(told("has reached a steady state")).toHaveLength(2);
  });

  test("is started again after 250 ms, then after twice as long each time", async () => {
    service.desiredCount = 1;
    deployBroken();
    await reconcileUntil("the fourth start", () => started().length === 4);
    const at = told("has started").map((event) => event.at);
    const waited = at.slice(1).map((time, i) => time - (at[i] ?? 0));
    for (const [i, least] of [250, 500, 1000].entries()) {
      expect(waited[i]).toBeGreaterThanOrEqual(least);
    }
    // Without a circuit breaker the deployment goes on.
    expect(primary()).toMatchObject({ failedTasks: 3, rolloutState: "IN_PROGRESS" });
  });

  test("does not open the circuit breaker of a deployment that was completed", async () => {
    service = { ...service, desiredCount: 1, deploymentConfiguration: BREAKER };
    deploy(RUNNING);
    for (let failures = 0; failures < 3; failures++) {
      await steady();
      const [pid = 0] = await processes(1);
      process.kill(pid, "SIGKILL");
      await reconcileUntil("its end is seen", () => told("stopped: Essential").length > failures);
    }
    await steady();
    expect(primary()).toMatchObject({ failedTasks: 3, rolloutState: "COMPLETED" });
  });
});

test("a task whose target becomes unhealthy is drained and replaced", async () => {
  service = { ...service, desiredCount: 1, loadBalancers: [{ targetGroupArn: TARGET_GROUP }] };
  deployDefinition({});
  await steady();
  machine.apis.targetHealth = { state: "unhealthy", reason: "Target.Timeout" };
  await reconcileUntil("it is told", () => told("due to (reason Target.Timeout)").length > 0);
  machine.apis.targetHealth = { state: "healthy", reason: "" };
  await reconcileUntil("it has stopped", () => stopped().length === 1);
  await steady();
  expect(stopped()).toEqual([started()[0]]);
  expect(machine.apis.targets).toHaveLength(1);
});

describe("a rolling update", () => {
  test("stops the old tasks after the new ones run, and is completed once they have stopped", async () => {
    deploy(RUNNING);
    await steady();
    const old = started();
    deploy(RUNNING);
    let fewest = Infinity;
    await reconcileUntil("it is completed", () => {
      const running = (service.deployments ?? []).map(({ runningCount = 0 }) => runningCount);
      fewest = Math.min(
        fewest,
        running.reduce((sum, count) => sum + count, 0),
      );
      return isSteady();
    });
    expect(fewest).toBeGreaterThanOrEqual(2);
    expect(stopped().toSorted()).toEqual(old.toSorted());
    expect(service.deployments?.map(({ runningCount }) => runningCount)).toEqual([2, 0]);
  });

  test("is IN_PROGRESS as long as an old task has not stopped", async () => {
    service.desiredCount = 1;
    deploy(`process.on("SIGTERM", () => {}); ${RUNNING}`);
    await steady();
    const [old = 0] = await processes(1);
    deploy(RUNNING);
    await reconcileUntil("the new task runs", () => primary()?.runningCount === 1);
    await reconcile();
    expect(primary()?.rolloutState).toBe("IN_PROGRESS");
    process.kill(old, "SIGKILL");
    await steady();
    // It was asked to stop, so that its end is no failure.
    expect(told("stopped: ")).toEqual([]);
  });
});

describe("the circuit breaker", () => {
  test("fails the deployment after three failed tasks, and starts none after that", async () => {
    service = { ...service, desiredCount: 1, deploymentConfiguration: BREAKER };
    deployBroken();
    await reconcileUntil("the deployment has failed", () => primary()?.rolloutState === "FAILED");
    expect(primary()).toMatchObject({
      failedTasks: 3,
      rolloutStateReason: "ECS deployment circuit breaker: tasks failed to start.",
    });
    expect(told("(deployment ecs-svc/1) deployment failed: tasks failed to start.")).toHaveLength(
      1,
    );
    const until = Date.now() + 1500;
    await reconcileUntil("the next start would be due", () => Date.now() > until);
    expect(started()).toHaveLength(3);
    expect(told("deployment failed")).toHaveLength(1);
  });

  test("a rollback keeps the tasks that never stopped serving", async () => {
    service.deploymentConfiguration = BREAKER;
    const { taskDefinition: last } = deploy(RUNNING);
    await steady();
    const serving = started();
    deployBroken();
    await reconcileUntil("the deployment has failed", () => primary()?.rolloutState === "FAILED");
    expect(stopped()).toEqual([]);
    const starts = started().length;
    makePrimary(last);
    await steady();
    expect(started()).toHaveLength(starts);
    expect(stopped()).toEqual([]);
    expect(primary()).toMatchObject({ id: "ecs-svc/3", runningCount: 2, failedTasks: 0 });
    expect(await alive()).toHaveLength(serving.length);
  });
});

describe("the report", () => {
  test("is made when something has changed only", async () => {
    deploy(RUNNING);
    await steady();
    await reconcile();
    const { length } = machine.apis.reports;
    await reconcile();
    await reconcile();
    expect(machine.apis.reports).toHaveLength(length);
  });

  test("tells each event once, those of a report that failed with the next", async () => {
    deploy(RUNNING);
    machine.apis.refusesReports = true;
    await expect(reconcile()).rejects.toThrow("POST /_emulator/ecs/deployments answered 500");
    machine.apis.refusesReports = false;
    await steady();
    await reconcile();
    const reported = machine.apis.reports.flatMap((report) => report.events);
    expect(reported).toEqual(events.map(({ message }) => message));
  });
});

describe("the tasks of a service", () => {
  test("that was deleted are drained and stopped", async () => {
    deploy(`process.on("SIGTERM", () => { console.log("SIGTERM"); process.exit(0); }); ${RUNNING}`);
    await steady();
    await processes(2);
    await scheduler.retire();
    expect(await alive()).toEqual([]);
    expect((await machine.output()).match(/SIGTERM/g)).toHaveLength(2);
    expect(machine.apis.reports.at(-1)?.deployments).toEqual([
      expect.objectContaining({ runningCount: 0, pendingCount: 0 }),
    ]);
  });

  test("are killed in the given time when the runner stops", async () => {
    deploy(`process.on("SIGTERM", () => {}); ${RUNNING}`);
    await steady();
    await processes(2);
    await scheduler.stop(100);
    expect(await alive()).toEqual([]);
  });
});
