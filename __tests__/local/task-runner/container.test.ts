import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import {
  containerCommand,
  startContainer,
  type Container,
} from "../../../local/task-runner/container";
import { startContainerHealthCheck } from "../../../local/task-runner/container-health";
import { waitUntil } from "../../e2e/support/wait-until";

let imageDirectory: string;
const containers: Container[] = [];

beforeEach(async () => {
  imageDirectory = await mkdtemp(path.join(tmpdir(), "container-"));
  await mkdir(path.join(imageDirectory, "rootfs/app"), { recursive: true });
});

afterEach(async () => {
  await Promise.all(containers.splice(0).map((container) => container.stop(0)));
  await rm(imageDirectory, { recursive: true, force: true });
});

async function start(
  program: string,
  options: { environment?: Record<string, string>; memoryLimitMiB?: number } = {},
): Promise<Container> {
  await writeFile(path.join(imageDirectory, "rootfs/app/main.js"), program);
  const container = await startContainer({
    imageDirectory,
    workingDirectory: "/app",
    command: ["node", "/app/main.js"],
    environment: { PATH: path.dirname(process.execPath), ...options.environment },
    memoryLimitMiB: options.memoryLimitMiB,
  });
  containers.push(container);
  return container;
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test("the container has its own environment, and files of its image by their absolute paths", async () => {
  const container = await start("console.log(JSON.stringify(process.env))", {
    environment: { A: "1" },
  });
  const environment = JSON.parse(await text(container.stdout)) as object;
  expect(Object.keys(environment).sort()).toEqual(["A", "PATH"]);
  expect(await container.exited).toEqual({ exitCode: 0, reason: undefined });
});

test("stop asks with SIGTERM first", async () => {
  const container = await start(
    `process.on("SIGTERM", () => process.exit(7)); setInterval(() => {}, 1000); console.log("up")`,
  );
  await new Promise((resolve) => container.stdout.once("data", resolve));
  await container.stop(10_000);
  expect(await container.exited).toMatchObject({ exitCode: 7 });
});

test("what does not listen to SIGTERM is killed when its time is over, with what it has started", async () => {
  const container = await start(`
    const { spawn } = require("node:child_process");
    process.on("SIGTERM", () => {});
    const script = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')";
    const child = spawn(process.execPath, ["-e", script]);
    child.stdout.once("data", () => console.log(child.pid));
  `);
  const grandchild = Number(await new Promise((resolve) => container.stdout.once("data", resolve)));
  await container.stop(100);
  expect(await container.exited).toMatchObject({ exitCode: 137 });
  await waitUntil("the grandchild has ended", () => !isAlive(grandchild), 5000);
});

test("what it has started ends with it", async () => {
  const container = await start(`
    const { spawn } = require("node:child_process");
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    console.log(child.pid);
    child.once("spawn", () => process.exit(0));
  `);
  const grandchild = Number(await new Promise((resolve) => container.stdout.once("data", resolve)));
  await container.exited;
  await waitUntil("the grandchild has ended", () => !isAlive(grandchild), 4000);
});

test("above its memory limit it is killed as out of memory", async () => {
  const container = await start(
    "globalThis.hoard = Buffer.alloc(200 * 1024 * 1024, 1); setInterval(() => {}, 1000)",
    { memoryLimitMiB: 128 },
  );
  expect(await container.exited).toEqual({
    exitCode: 137,
    reason: "OutOfMemoryError: Container killed due to memory usage",
  });
});

test("a program that is not there cannot be started", async () => {
  await expect(
    startContainer({
      imageDirectory,
      workingDirectory: "/app",
      command: ["missing-program"],
      environment: {},
    }),
  ).rejects.toThrow("CannotStartContainerError: spawn missing-program ENOENT");
});

test.each([
  [{}, ["node", "main.js"]],
  [{ command: ["other.js"] }, ["node", "other.js"]],
  [{ entryPoint: ["sh"] }, ["sh"]],
  [{ entryPoint: ["sh"], command: ["-c"] }, ["sh", "-c"]],
])(
  "of the task definition's %j and the image's, Docker's rules make %j",
  (definition, expected) => {
    const image = { Entrypoint: ["node"], Cmd: ["main.js"] };
    expect(containerCommand(definition, image)).toEqual(expected);
  },
);

describe("the container's health check", () => {
  const settings = { command: ["CMD", "node", "check.js"], interval: 0.02, retries: 3 };

  test.each([
    ["-", "UNKNOWN"],
    ["-+", "HEALTHY"],
    ["+--+--", "HEALTHY"],
    ["+--+---", "UNHEALTHY"],
    ["---", "UNHEALTHY"],
    ["---+", "HEALTHY"],
  ])("after %s with 3 retries is %s", async (results, expected) => {
    const left = Array.from(results);
    const check = startContainerHealthCheck(settings, () => {
      const result = left.shift();
      // The last result has been taken in: nothing more is to come.
      return result ? Promise.resolve(result === "+") : new Promise(() => undefined);
    });
    await waitUntil(expected, () => left.length === 0 && check.status() === expected, 4000);
    check.stop();
  });

  test("does not count failures before `startPeriod` is over", async () => {
    let checks = 0;
    const check = startContainerHealthCheck({ ...settings, startPeriod: 60 }, () => {
      checks++;
      return Promise.resolve(false);
    });
    await waitUntil("several checks", () => checks > 5, 5000);
    check.stop();
    expect(check.status()).toBe("UNKNOWN");
  });

  test("runs in the container, and fails when it takes too long", async () => {
    const container = await start("setInterval(() => {}, 1000)", { environment: { CODE: "0" } });
    const run = (script: string) => container.execute(["node", "-e", script], 2000);
    expect(await run("process.exit(Number(process.env.CODE))")).toBe(true);
    expect(await run("process.exit(1)")).toBe(false);
    expect(await container.execute(["node", "-e", "setInterval(() => {}, 1000)"], 200)).toBe(false);
  });
});
