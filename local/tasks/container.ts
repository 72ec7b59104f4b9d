import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Readable } from "node:stream";
import type { ImageConfig } from "../images/dockerfile";
import { withHostsFile } from "./hosts-file";
import { ImagePrograms } from "./image-programs";
import { watchMemory } from "./memory";

/** How a container ended. */
export interface ContainerExit {
  /** The exit code of the process, or 128 plus the number of the signal that ended it. */
  readonly exitCode: number;
  readonly reason?: string;
}

/** A process that runs in place of a container. It has its own process group and inherits no `env`. */
export interface Container {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<ContainerExit>;
  /** Runs another program in the container. Returns whether it exited with 0 in time. */
  execute(command: string[], timeoutMs: number): Promise<boolean>;
  /** Sends SIGTERM, and SIGKILL after `timeoutMs`. */
  stop(timeoutMs: number): Promise<void>;
}

/** Reads the configuration of an image from its folder. */
export async function readImageConfig(imageDirectory: string): Promise<ImageConfig> {
  const text = await readFile(join(imageDirectory, "config.json"), "utf8");
  return (JSON.parse(text) as { config: ImageConfig }).config;
}

/**
 * The command of a container: that of the task definition, or that of the image if there is none. As in Docker, the
 * image's CMD is not used when the task definition has an entry point.
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

interface ContainerProps {
  readonly imageDirectory: string;
  /** A path in the image. */
  readonly workingDirectory: string;
  /** The command with paths of the image. Absolute paths are looked up in the image's root file system. */
  readonly command: string[];
  /** The whole `env` of the process. `PATH` and `PYTHONPATH` name folders of the image. */
  readonly environment: Record<string, string>;
  /** The file that the container has as /etc/hosts. @default - this machine's own */
  readonly hostsFile?: string;
  /** The container is killed when its memory exceeds this limit. @default - no limit */
  readonly memoryLimitMiB?: number;
}

/**
 * Starts a container's process. The program must be one of the image.
 *
 * @throws Error with ECS's wording when the program cannot be started
 */
export async function startContainer(props: ContainerProps): Promise<Container> {
  const programs = new ContainerPrograms(props);
  return new RunningContainer(programs, await programs.start(props.command, "pipe"), props);
}

/** Starts programs of an image, each in a process group of its own. */
class ContainerPrograms {
  private readonly programs: ImagePrograms;

  constructor(private readonly props: ContainerProps) {
    this.programs = new ImagePrograms(props.imageDirectory, props.environment.PATH);
  }

  /** @throws Error with ECS's wording when the program does not exist or cannot be started */
  async start(command: readonly string[], stdio: "pipe" | "ignore"): Promise<ChildProcess> {
    try {
      const child = this.spawn(command, stdio);
      await once(child, "spawn");
      return child;
    } catch (error) {
      throw new Error(`CannotStartContainerError: ${(error as Error).message}`, { cause: error });
    }
  }

  private spawn(command: readonly string[], stdio: "pipe" | "ignore") {
    const { workingDirectory, environment, hostsFile } = this.props;
    const { PYTHONPATH } = environment;
    const program = this.programs.resolve(command, workingDirectory);
    const [file, ...args] = hostsFile ? withHostsFile(hostsFile, program) : program;
    return spawn(file, args, {
      cwd: this.programs.directory(workingDirectory),
      env: {
        ...environment,
        PATH: this.programs.path,
        ...(PYTHONPATH && { PYTHONPATH: this.programs.foldersOnThisMachine(PYTHONPATH) }),
      },
      stdio: ["ignore", stdio, stdio],
      // The process has its own group, so that Ctrl-C in the terminal does not end it before its target is drained.
      detached: true,
    });
  }
}

class RunningContainer implements Container {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<ContainerExit>;
  private outOfMemory = false;

  constructor(
    private readonly programs: ContainerPrograms,
    child: ChildProcess,
    { memoryLimitMiB }: ContainerProps,
  ) {
    const { pid, stdout, stderr } = child;
    if (pid === undefined || !stdout || !stderr) {
      throw new Error("CannotStartContainerError: no process");
    }
    this.pid = pid;
    this.stdout = stdout;
    this.stderr = stderr;
    this.exited = this.end(child, memoryLimitMiB);
  }

  async execute(command: string[], timeoutMs: number): Promise<boolean> {
    const check = await this.programs.start(command, "ignore").catch(() => undefined);
    if (check === undefined) return false;
    const timer = setTimeout(() => {
      if (check.pid !== undefined) signalGroup(check.pid, "SIGKILL");
    }, timeoutMs);
    const [code] = (await once(check, "exit")) as [number | null];
    clearTimeout(timer);
    return code === 0;
  }

  async stop(timeoutMs: number): Promise<void> {
    const done = new AbortController();
    void this.exited.then(() => {
      done.abort();
    });
    signalGroup(this.pid, "SIGTERM");
    await sleep(timeoutMs, undefined, { signal: done.signal }).catch(() => undefined);
    signalGroup(this.pid, "SIGKILL");
    await this.exited;
  }

  private async end(child: ChildProcess, memoryLimitMiB?: number): Promise<ContainerExit> {
    const kill = () => {
      this.outOfMemory = true;
      signalGroup(this.pid, "SIGKILL");
    };
    const endWatch = memoryLimitMiB && watchMemory(this.pid, memoryLimitMiB * 1024 * 1024, kill);
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    // In a container, all processes end with the first one, because it is the first of the PID namespace.
    signalGroup(this.pid, "SIGKILL");
    if (endWatch) endWatch();
    return {
      exitCode: code ?? 128 + (signal ? constants.signals[signal] : 0),
      reason: this.outOfMemory
        ? "OutOfMemoryError: Container killed due to memory usage"
        : undefined,
    };
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The process group has already ended.
  }
}
