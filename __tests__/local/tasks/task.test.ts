import type { TaskDefinition } from "@aws-sdk/client-ecs";
import { newTaskId, startTask, type Task, type TaskHost } from "../../../local/tasks/task";
import { waitUntil } from "../../e2e/support/wait-until";
import { CLUSTER, running, SERVICE, taskDefinition, TestHost } from "./support/task-host";

const TASK_ROLE = "arn:aws:iam::123456789012:role/task";
const EXECUTION_ROLE = "arn:aws:iam::123456789012:role/execution";
const ROLES = { taskRoleArn: TASK_ROLE, executionRoleArn: EXECUTION_ROLE };
const SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
const WAITING = "setInterval(() => {}, 1000); console.log('waiting')";

jest.setTimeout(30_000);

let machine: TestHost;
const tasks: Task[] = [];

beforeEach(async () => {
  machine = await TestHost.start();
});

afterEach(async () => {
  await Promise.all(tasks.splice(0).map((task) => task.stop(0)));
  await machine.stop();
});

async function start(
  definition: TaskDefinition,
  { id = newTaskId(), host = machine.host }: { id?: string; host?: TaskHost } = {},
) {
  const task = await startTask(host, {
    id,
    subnetId: "subnet-1",
    clusterName: CLUSTER,
    serviceName: SERVICE,
    taskDefinition: definition,
    signal: new AbortController().signal,
  });
  tasks.push(task);
  return task;
}

/** Waits until the container has written a line. */
const written = (line: string) =>
  waitUntil(line, async () => (await machine.output()).split("\n").includes(line), 10_000);

describe("the container's environment", () => {
  const print = "console.log(JSON.stringify(process.env))";
  const environment = async () =>
    JSON.parse(await machine.output()) as Partial<Record<string, string>>;

  test("is the image's, then the task definition's, then what ECS adds", async () => {
    const given = [
      { name: "LEVEL", value: "debug" },
      { name: "AWS_REGION", value: "us-east-1" },
    ];
    const task = await start(running(print, { environment: given }));
    await task.exited;
    const { endpoint } = machine.apis.aws;
    expect(await environment()).toMatchObject({
      FROM: "image",
      LEVEL: "debug",
      AWS_REGION: "eu-west-1",
      AWS_EXECUTION_ENV: "AWS_ECS_FARGATE",
      AWS_ENDPOINT_URL: endpoint,
      HOST: task.address.host,
      PORT: String(task.address.port),
    });
  });

  test("has the secrets, which the agent reads with the execution role", async () => {
    const secrets = [{ name: "PASSWORD", valueFrom: `${SECRET}:password::` }];
    const task = await start({ ...running(print, { secrets }), ...ROLES });
    await task.exited;
    expect(await environment()).toMatchObject({ PASSWORD: "open sesame" });
    expect(machine.apis.call("GetSecretValue")).toMatchObject({
      accessKeyId: "key-of-execution",
      parameters: { SecretId: SECRET },
    });
  });

  test("has no credentials of this machine, and none at all without a task role", async () => {
    process.env.AWS_ACCESS_KEY_ID = "of-this-machine";
    try {
      await (
        await start(running(print))
      ).exited;
    } finally {
      delete process.env.AWS_ACCESS_KEY_ID;
    }
    const names = Object.keys(await environment());
    expect(names.filter((name) => /ACCESS_KEY|CREDENTIALS|PROFILE/.test(name))).toEqual([]);
  });
});

describe("the roles", () => {
  test("are those of the task definition, for this task in its subnet", async () => {
    await start({ ...running(WAITING), ...ROLES }, { id: "1" });
    const taskArn = "arn:aws:ecs:eu-west-1:123456789012:task/main/1";
    const asked = machine.apis.calls.filter(({ action }) => action === "/_emulator/iam/task-roles");
    for (const roleArn of [EXECUTION_ROLE, TASK_ROLE]) {
      expect(asked.map(({ parameters }) => parameters)).toContainEqual({
        roleArn,
        taskArn,
        subnetId: "subnet-1",
      });
    }
  });

  test("the agent pulls the image and opens the log with the execution role", async () => {
    const logConfiguration = {
      logDriver: "awslogs" as const,
      options: { "awslogs-group": "/ecs/web", "awslogs-stream-prefix": "web" },
    };
    await start({ ...running(WAITING, { logConfiguration }), ...ROLES }, { id: "1" });
    const { apis } = machine;
    expect(apis.call("BatchGetImage")?.accessKeyId).toBe("key-of-execution");
    expect(apis.call("CreateLogStream")).toMatchObject({
      accessKeyId: "key-of-execution",
      parameters: { logGroupName: "/ecs/web", logStreamName: "web/app/1" },
    });
  });

  test("the container gets the task role's credentials, until it ends", async () => {
    const print =
      "setInterval(() => {}, 1000); console.log(process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI)";
    const task = await start({ ...running(print), ...ROLES });
    const url = await waitUntil("the URL", async () => (await machine.output()).trim(), 10_000);
    expect(await (await fetch(url)).json()).toMatchObject({ AccessKeyId: "key-of-task" });
    await task.stop(0);
    await task.exited;
    expect((await fetch(url)).status).toBe(404);
  });

  test.each([TASK_ROLE, EXECUTION_ROLE])(
    "without %s the task does nothing, and stops for ECS's reason",
    async (role) => {
      machine.apis.distrustful.push(role);
      await expect(start({ ...running(WAITING), ...ROLES })).rejects.toThrow(
        `ECS was unable to assume the role '${role}' that was provided for this task. Please verify`,
      );
      expect(machine.apis.actions()).not.toContain("BatchGetImage");
    },
  );
});

describe("a task does not start, for ECS's reason,", () => {
  test("when its secret has no such key", async () => {
    const secrets = [{ name: "USER", valueFrom: `${SECRET}:user::` }];
    await expect(start({ ...running(WAITING, { secrets }), ...ROLES })).rejects.toThrow(
      /^ResourceInitializationError: unable to pull secrets .* did not contain json key user$/,
    );
    expect(machine.apis.actions()).not.toContain("BatchGetImage");
  });

  test("when the layers of its image are not there", async () => {
    const imagesDirectory = `${machine.host.imagesDirectory}-of-another-machine`;
    await expect(
      start(running(WAITING), { host: { ...machine.host, imagesDirectory } }),
    ).rejects.toThrow(/^CannotPullContainerError: .*whose layers are not in/);
  });

  test("when its log stream cannot be created", async () => {
    machine.apis.refusesLogStreams = true;
    const logConfiguration = {
      logDriver: "awslogs" as const,
      options: { "awslogs-group": "none" },
    };
    await expect(start(running(WAITING, { logConfiguration }))).rejects.toThrow(
      /^ResourceInitializationError: failed to validate logger args: .*: no$/,
    );
  });

  test("when its program is not in the image, and its credentials are gone", async () => {
    const served: string[] = [];
    const { credentials } = machine.host;
    const serve: typeof credentials.serve = (...args) => {
      served.push(credentials.serve(...args));
      return served.at(-1) ?? "";
    };
    const host = { ...machine.host, credentials: { ...credentials, serve } };
    const definition = { ...taskDefinition({ command: ["missing"] }), ...ROLES };
    await expect(start(definition, { host })).rejects.toThrow(
      'CannotStartContainerError: exec: "missing"',
    );
    expect(served).toHaveLength(1);
    expect((await fetch(served[0] ?? "")).status).toBe(404);
  });

  test("when it has two containers, which the local task runner does not run", async () => {
    const [container = {}] = taskDefinition().containerDefinitions ?? [];
    const two = { ...taskDefinition(), containerDefinitions: [container, container] };
    await expect(start(two)).rejects.toThrow("task-definition/web:1 has 2 containers");
  });
});

describe("the end of a task", () => {
  test("has the exit code of its container, and the log has all that it wrote", async () => {
    const task = await start(
      running("console.log('out'); console.error('err'); process.exitCode = 3"),
    );
    expect(await task.exited).toEqual({ exitCode: 3, reason: undefined });
    expect((await machine.output()).split("\n").sort()).toEqual(["", "err", "out"]);
  });

  test("is asked for with SIGTERM", async () => {
    const task = await start(running(`process.on("SIGTERM", () => process.exit(7)); ${WAITING}`));
    await written("waiting");
    await task.stop();
    expect(await task.exited).toMatchObject({ exitCode: 7 });
  });

  const deaf = `process.on("SIGTERM", () => console.log("SIGTERM")); ${WAITING}`;

  test("comes with SIGKILL after the container's stopTimeout", async () => {
    const task = await start(running(deaf, { stopTimeout: 1 }));
    await written("waiting");
    const asked = Date.now();
    await task.stop();
    expect(Date.now() - asked).toBeGreaterThanOrEqual(990);
    expect(await task.exited).toMatchObject({ exitCode: 137 });
    expect(await machine.output()).toContain("SIGTERM\n");
  });

  test("does not come with SIGKILL at once without a stopTimeout, unless it has to", async () => {
    const task = await start(running(deaf));
    await written("waiting");
    const stopped = jest.fn();
    void task.stop().then(stopped);
    await written("SIGTERM");
    expect(stopped).not.toHaveBeenCalled();
    await task.stop(50);
    expect(await task.exited).toMatchObject({ exitCode: 137 });
  });
});

describe("the health of a task", () => {
  const check = (script: string) => ({ command: ["CMD", "node", "-e", script], interval: 0.05 });

  test("is not known without a health check of the container", async () => {
    expect((await start(running(WAITING))).health()).toBeUndefined();
  });

  test("follows what the health check finds in the container", async () => {
    const healthCheck = check(`process.exit(process.env.LEVEL === "info" ? 0 : 1)`);
    const task = await start(running(WAITING, { healthCheck }));
    expect(task.health()).toBe("UNKNOWN");
    await waitUntil("HEALTHY", () => task.health() === "HEALTHY", 10_000);
    const failing = await start(
      running(WAITING, { healthCheck: { ...check("process.exit(1)"), retries: 1 } }),
    );
    await waitUntil("UNHEALTHY", () => failing.health() === "UNHEALTHY", 10_000);
  });
});
