import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { waitUntil } from "./wait-until";

/** A process in its own process group, with everything that it has printed. */
export class TestProcess {
  output = "";
  private readonly child: ChildProcess;

  constructor(command: string, args: readonly string[], options: SpawnOptions = {}) {
    this.child = spawn(command, [...args], {
      ...options,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    }
  }

  get pid() {
    return this.child.pid as number;
  }

  get hasEnded() {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /**
   * Waits until the process prints something. If it ends before, the error shows its last lines.
   */
  async printed(pattern: RegExp, timeoutMs: number) {
    await waitUntil(
      `${String(pattern)} in the output`,
      () => pattern.test(this.output) || this.hasEnded,
      timeoutMs,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.lastLines()}`);
    });
    if (!pattern.test(this.output)) throw new Error(`ended without it:\n${this.lastLines()}`);
  }

  /** The reason for a failure is at the end of the output. */
  private lastLines() {
    return this.output.split("\n").slice(-30).join("\n");
  }

  /** The exit code, once the process has ended. */
  async ended() {
    if (!this.hasEnded) await once(this.child, "close");
    return this.child.exitCode;
  }

  /** Sends a signal to the process and all its descendants, as the terminal does. */
  async signal(signal: NodeJS.Signals) {
    if (!this.hasEnded) process.kill(-this.pid, signal);
    await this.ended();
  }
}

/** Whether a process exists. */
export function isAlive(pid: number) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
