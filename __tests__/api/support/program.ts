import { spawn } from "node:child_process";
import { once } from "node:events";

/** A bundled program of the API, as a process of its own with nothing in its environment but `env`. */
export interface Program {
  /** What it wrote so far. */
  readonly output: { stdout: string; stderr: string };
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Reads no more of its stdout, and lets it know. */
  readonly closeStdout: () => void;
  /** Its exit code; null when a signal ended it. */
  readonly exitCode: Promise<number | null>;
}

export function startProgram(path: string, env: Readonly<Record<string, string>>): Program {
  const child = spawn(process.execPath, [path], { env: { ...env }, cwd: "/" });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (output.stdout += String(chunk)));
  child.stderr.on("data", (chunk) => (output.stderr += String(chunk)));
  return {
    output,
    kill: (signal) => child.kill(signal),
    closeStdout: () => child.stdout.destroy(),
    exitCode: once(child, "close").then(([code]) => code as number | null),
  };
}
