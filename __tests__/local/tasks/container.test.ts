import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { containerCommand, startContainer, type Container } from "../../../local/tasks/container";
import { startContainerHealthCheck } from "../../../local/tasks/container-health";
import { waitUntil } from "../../e2e/support/wait-until";

let imageDirectory: string;
const containers: Container[] = [];

beforeEach(async () => {
  imageDirectory = await mkdtemp(join(tmpdir(), "container-"));
  await mkdir(join(imageDirectory, "rootfs/app"), { recursive: true });
});

afterEach(async () => {
  await Promise.all(containers.splice(0).map((container) => container.stop(0)));
  await rm(imageDirectory, { recursive: true, force: true });
});

async function start(
  program: string,
  options: { environment?: Record<string, string>; memoryLimitMiB?: number } = {},
): Promise<Container> {
  await writeFile(join(imageDirectory, "rootfs/app/main.js"), program);
  const container = await startContainer({
    imageDirectory,
    workingDirectory: "/app",
    command: ["node", "/app/main.js"],
    environment: { PATH: dirname(process.execPath), ...options.environment },
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

test("a process that ignores SIGTERM is killed at the deadline, with its descendants", async () => {
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

test("its descendants end with it", async () => {
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

test("the memory of what it has started counts too", async () => {
  const container = await start(
    `const script = "globalThis.hoard = Buffer.alloc(200 * 1024 * 1024, 1); setInterval(() => {}, 1000)";
    require("node:child_process").spawn(process.execPath, ["-e", script], { stdio: "ignore" });`,
    { memoryLimitMiB: 200 },
  );
  expect((await container.exited).reason).toMatch(/^OutOfMemoryError/);
});

test("a program that is not there cannot be started", async () => {
  await expect(
    startContainer({
      imageDirectory,
      workingDirectory: "/app",
      command: ["missing-program"],
      environment: {},
    }),
  ).rejects.toThrow(
    'CannotStartContainerError: exec: "missing-program": executable file not found in $PATH',
  );
});

describe("a program that is not in the image", () => {
  const canary = () => join(imageDirectory, "canary");
  const write = ["-c", "echo pwned > $CANARY"];

  beforeEach(async () => {
    const app = join(imageDirectory, "rootfs/app");
    await symlink("/bin/sh", join(app, "linked-shell"));
    await writeFile(join(app, "script"), '#!/bin/sh\necho pwned > "$CANARY"\n', {
      mode: 0o755,
    });
    await writeFile(join(app, "main.js"), "setInterval(() => {}, 1000)");
  });

  const programs = [
    ["of this machine by its name", ["sh", ...write]],
    ["of this machine by its path", ["/bin/sh", ...write]],
    ["through ..", ["/../../../../../../../../bin/sh", ...write]],
    ["through .. of the working directory", ["../../../../../../../../bin/sh", ...write]],
    ["through a symbolic link", ["/app/linked-shell", ...write]],
    ["as the interpreter of a script of the image", ["/app/script"]],
    ["as the interpreter of Node's path", ["/bin/env", "node", "/app/main.js"]],
  ] as const;

  test.each(programs)("is not started: %s", async (_, command) => {
    await expect(
      startContainer({
        imageDirectory,
        workingDirectory: "/app",
        command: [...command],
        environment: { PATH: "/usr/bin:/bin", CANARY: canary() },
      }),
    ).rejects.toThrow("CannotStartContainerError: exec: ");
    expect(existsSync(canary())).toBe(false);
  });

  test.each(programs)("is not started as a health check: %s", async (_, command) => {
    const container = await start("setInterval(() => {}, 1000)", {
      environment: { CANARY: canary() },
    });
    expect(await container.execute([...command], 2000)).toBe(false);
    expect(existsSync(canary())).toBe(false);
  });

  test("is not found through a working directory that links out of the image", async () => {
    await symlink("/bin", join(imageDirectory, "rootfs/linked-bin"));
    await expect(
      startContainer({
        imageDirectory,
        workingDirectory: "/linked-bin",
        command: ["node", "-e", 'require("node:child_process").execFileSync("./sh")'],
        environment: {},
      }),
    ).rejects.toThrow('CannotStartContainerError: chdir to cwd ("/linked-bin"): no such file');
  });

  test("is not in the PATH of the container either", async () => {
    const container = await start(
      `const { error } = require("node:child_process").spawnSync("sh"); console.log(error.code)`,
      { environment: { PATH: "/usr/bin:/bin" } },
    );
    expect(await text(container.stdout)).toBe("ENOENT\n");
  });

  test("a program of the image is started, by its name, its path and its interpreter", async () => {
    const bin = join(imageDirectory, "rootfs/usr/bin");
    await mkdir(bin, { recursive: true });
    await writeFile(join(bin, "tool"), "#!/usr/bin/node\nconsole.log(process.argv[2])\n");
    for (const program of ["tool", "/usr/bin/tool", "../usr/bin/tool"]) {
      const container = await startContainer({
        imageDirectory,
        workingDirectory: "/app",
        command: [program, "given"],
        environment: { PATH: "/usr/bin" },
      });
      expect(await text(container.stdout)).toBe("given\n");
    }
  });

  test("a working directory does not lead out of the image", async () => {
    const container = await startContainer({
      imageDirectory,
      workingDirectory: "/../../app",
      command: ["node", "-e", "console.log(process.cwd())"],
      environment: {},
    });
    expect(await text(container.stdout)).toBe(`${join(imageDirectory, "rootfs/app")}\n`);
  });
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
      // The last result has been processed, and no more results follow.
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

  test("is repeated within seconds while the container starts, however long its interval is", async () => {
    const left = [false, true];
    const check = startContainerHealthCheck({ ...settings, interval: 3600, startPeriod: 60 }, () =>
      Promise.resolve(left.shift() ?? false),
    );
    // A check that goes on would keep Jest from ending.
    const healthy = waitUntil("it is healthy", () => check.status() === "HEALTHY", 5000);
    await healthy.finally(() => {
      check.stop();
    });
    expect(left).toEqual([]);
  });

  test("runs in the container, and fails when it takes too long", async () => {
    const container = await start("setInterval(() => {}, 1000)", { environment: { CODE: "0" } });
    const run = (script: string) => container.execute(["node", "-e", script], 2000);
    expect(await run("process.exit(Number(process.env.CODE))")).toBe(true);
    expect(await run("process.exit(1)")).toBe(false);
    expect(await container.execute(["node", "-e", "setInterval(() => {}, 1000)"], 200)).toBe(false);
  });
});
