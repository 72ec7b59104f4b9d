import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, connect, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const START_DEADLINE_MS = 10_000;

/**
 * Whether programs can be pinned to one core each. This requires Linux, `taskset` and at least two
 * cores.
 */
export const canPin = spawnSync("taskset", ["-c", "1", "true"]).status === 0;

/** Starts a bundled program on `core` with `env` as its only environment variables. */
export function startProgram(
  folder: string,
  name: string,
  core: number,
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const node = [
    process.execPath,
    "--expose-gc",
    "--require",
    join(folder, "child.js"),
    join(folder, `${name}.js`),
  ];
  const [command = "", ...args] = canPin ? ["taskset", "-c", String(core), ...node] : node;
  return spawn(command, args, {
    env: {
      ...env,
      NODE_ENV: "production",
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    },
    // Each program writes its logs, and they are discarded.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}

/** The next message of a program. Rejects when the program ends first. */
export async function messageOf<Message>(program: ChildProcess): Promise<Message> {
  const settled = new AbortController();
  try {
    return await Promise.race([
      once(program, "message", settled).then(([message]) => message as Message),
      once(program, "exit", settled).then(([code]) => {
        throw new Error(`A program of the benchmark ended with ${String(code)}`);
      }),
    ]);
  } finally {
    settled.abort();
  }
}

/**
 * Starts a server and waits until it listens on the port that its environment variable `PORT`
 * names.
 */
export async function startServer(
  folder: string,
  name: string,
  core: number,
  env: Readonly<Record<string, string>>,
) {
  const port = await freePort();
  const program = startProgram(folder, name, core, {
    ...env,
    HOST: "127.0.0.1",
    PORT: String(port),
  });
  const deadline = Date.now() + START_DEADLINE_MS;
  while (!(await listens(port))) {
    if (program.exitCode !== null || Date.now() > deadline) {
      await stopProgram(program);
      throw new Error(`${name} did not start`);
    }
    await sleep(20);
  }
  return { program, port };
}

export async function stopProgram(program: ChildProcess) {
  if (program.exitCode !== null || program.signalCode !== null) return;
  program.kill("SIGKILL");
  await once(program, "exit");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return once(socket, "connect")
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy());
}
