import { spawn } from "node:child_process";
import { once } from "node:events";

/**
 * A bundled program of the API in its own process, with `env` as its only environment variables.
 */
export interface Program {
  /** What the program has written so far. */
  readonly output: { stdout: string; stderr: string };
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Closes the program's stdout, so that its writes fail. */
  readonly closeStdout: () => void;
  /** The exit code, or null when a signal ended the program. */
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
