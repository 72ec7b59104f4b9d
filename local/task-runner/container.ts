import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { constants } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pidusage from "pidusage";
import type { Readable } from "node:stream";
import type { ImageConfig } from "../registry/dockerfile";
import { poll } from "../poll";

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
 * Starts a container's process.
 *
 * @param command as in the image: absolute paths are looked up in its root file system
 * @param environment the whole environment
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
  const rootfs = path.join(props.imageDirectory, "rootfs");
  const run = (command: string[], stdio: "pipe" | "ignore") => {
    const [file = "", ...args] = command.map((word) => inRootfs(rootfs, word));
    return spawn(file, args, {
      cwd: path.join(rootfs, props.workingDirectory),
      env: props.environment,
      stdio: ["ignore", stdio, stdio],
      // A group of its own: Ctrl-C in the terminal does not reach it before its time.
      detached: true,
    });
  };

  const child = run(props.command, "pipe");
  await once(child, "spawn").catch((error: unknown) => {
    throw new Error(`CannotStartContainerError: ${(error as Error).message}`, { cause: error });
  });
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
      const check = run(command, "ignore");
      const timer = setTimeout(() => {
        if (check.pid !== undefined) signalGroup(check.pid, "SIGKILL");
      }, timeoutMs);
      const code = await once(check, "exit").then(
        ([exitCode]) => exitCode as number | null,
        () => null,
      );
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

/** The image's own file where it has one; this machine's node in place of the image's. */
function inRootfs(rootfs: string, word: string): string {
  if (!word.startsWith("/")) return word;
  const inside = path.join(rootfs, word);
  if (existsSync(inside)) return inside;
  return path.basename(word) === "node" ? process.execPath : word;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}
