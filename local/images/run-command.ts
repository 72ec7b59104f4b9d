import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Runs a program, waits until it exits, and returns its stdout.
 *
 * @throws Error that shows the command, its folder and the last 40 lines of its output
 */
export async function runCommand(
  file: string,
  args: string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<string> {
  try {
    const { stdout } = await run(file, args, { ...options, maxBuffer: 256 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    const { stdout = "", stderr = "", message } = error as Error & Partial<Record<string, string>>;
    const output = `${stdout}${stderr}`.trim().split("\n").slice(-40).join("\n");
    throw new Error(
      `"${[file, ...args].join(" ")}" failed in ${options.cwd}:\n${output || message}`,
      { cause: error },
    );
  }
}
