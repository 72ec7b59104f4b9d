import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const LOCAL_AWS = join(__dirname, "..", "local", "with-local-aws.ts");

/**
 * Runs a script of this folder on an AWS of its own on this machine, which ends with it.
 *
 * @param script such as `plan.ts`
 * @returns its exit code
 */
export async function onLocalAws(script: string, environment: string, ...rest: string[]) {
  const args = ["--import", "tsx", LOCAL_AWS, environment, join(__dirname, script), ...rest];
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  const [exitCode] = (await once(child, "close")) as [number | null];
  return exitCode ?? 1;
}
