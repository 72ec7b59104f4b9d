import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { constants } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pidusage from "pidusage";
import type { Readable } from "node:stream";
import type { ImageConfig } from "../images/dockerfile";
import { poll } from "../poll";
import { ImagePrograms } from "./image-programs";

/** How a container ended. */
export interface ContainerExit {
  /** 128 + the signal's number when a signal ended it. */
  readonly exitCode: number;
  readonly reason?: string;
}

/** A process that stands in for a container: its own process group, nothing of the parent's environment. */
export interface Container {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<ContainerExit>;
  /** Runs another program in the container; whether it exited with 0 in time. */
  execute(command: string[], timeoutMs: number): Promise<boolean>;
  /** SIGTERM, and SIGKILL when the time is over. */
  stop(timeoutMs: number): Promise<void>;
}

/** What an image folder says about its container. */
export async function readImageConfig(imageDirectory: string): Promise<ImageConfig> {
  const text = await readFile(path.join(imageDirectory, "config.json"), "utf8");
  return (JSON.parse(text) as { config: ImageConfig }).config;
}

/**
 * The command of a container: the task definition's, else the image's. As in Docker, an entry point in
 * the task definition sets the image's CMD aside.
 */
export function containerCommand(
  container: { readonly entryPoint?: string[]; readonly command?: string[] },
  image: Pick<ImageConfig, "Entrypoint" | "Cmd">,
): string[] {
  const overrides = container.entryPoint?.length ? container.entryPoint : undefined;
  const command = container.command?.length ? container.command : undefined;
  return [
    ...(overrides ?? image.Entrypoint ?? []),
    ...(command ?? (overrides ? undefined : image.Cmd) ?? []),
  ];
}

/**
 * Starts a container's process. It can be no other program than those of its image.
 *
 * @param workingDirectory in the image
 * @param command as in the image: absolute paths are looked up in its root file system
 * @param environment the whole environment; `PATH` names folders of the image
 * @param memoryLimitMiB above it, the container is killed. @default - no limit
 * @throws Error in ECS's words when the program cannot be started
 */
export async function startContainer(props: {
  readonly imageDirectory: string;
  readonly workingDirectory: string;
  readonly command: string[];
  readonly environment: Record<string, string>;
  readonly memoryLimitMiB?: number;
}): Promise<Container> {
  const { workingDirectory, environment } = props;
  const programs = new ImagePrograms(path.join(props.imageDirectory, "rootfs"), environment.PATH);
  const run = (command: readonly string[], stdio: "pipe" | "ignore") => {
    const [file, ...args] = programs.resolve(command, workingDirectory);
    return spawn(file, args, {
      cwd: programs.directory(workingDirectory),
      env: { ...environment, PATH: programs.path },
      stdio: ["ignore", stdio, stdio],
      // A group of its own: Ctrl-C in the terminal does not reach it before its time.
      detached: true,
    });
  };

  const child = await spawned(() => run(props.command, "pipe"));
  const { pid, stdout, stderr } = child;
  if (pid === undefined || !stdout || !stderr)
    throw new Error("CannotStartContainerError: no process");

  let outOfMemory = false;
  const watching = watchMemory(pid, props.memoryLimitMiB, () => {
    outOfMemory = true;
    signalGroup(pid, "SIGKILL");
  });
  const ending = async () => {
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    // As with a PID namespace: what the first process has started ends with it.
    signalGroup(pid, "SIGKILL");
    void watching?.stop();
    return {
      exitCode: code ?? 128 + (signal ? constants.signals[signal] : 0),
      reason: outOfMemory ? "OutOfMemoryError: Container killed due to memory usage" : undefined,
    };
  };
  const exited = ending();

  return {
    pid,
    stdout,
    stderr,
    exited,
    async execute(command, timeoutMs) {
      const check = await spawned(() => run(command, "ignore")).catch(() => undefined);
      if (check === undefined) return false;
      const timer = setTimeout(() => {
        if (check.pid !== undefined) signalGroup(check.pid, "SIGKILL");
      }, timeoutMs);
      const [code] = (await once(check, "exit")) as [number | null];
      clearTimeout(timer);
      return code === 0;
    },
    async stop(timeoutMs) {
      const done = new AbortController();
      void exited.then(() => {
        done.abort();
      });
      signalGroup(pid, "SIGTERM");
      await sleep(timeoutMs, undefined, { signal: done.signal }).catch(() => undefined);
      signalGroup(pid, "SIGKILL");
      await exited;
    },
  };
}

function watchMemory(pid: number, limitMiB: number | undefined, onExceeded: () => void) {
  if (limitMiB === undefined) return undefined;
  const look = async () => {
    const { memory } = await pidusage(pid);
    if (memory > limitMiB * 1024 * 1024) onExceeded();
  };
  // A process that has just ended has no memory to look at.
  return poll(1000, look, () => undefined);
}

/** @throws Error in ECS's words when the program is not there or cannot be started */
async function spawned(start: () => ChildProcess): Promise<ChildProcess> {
  try {
    const child = start();
    await once(child, "spawn");
    return child;
  } catch (error) {
    throw new Error(`CannotStartContainerError: ${(error as Error).message}`, { cause: error });
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}
