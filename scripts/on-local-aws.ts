import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { readBackend } from "../delivery/synthesized/config";
import type { State } from "../delivery/synthesized/states";

const LOCAL_AWS = join(__dirname, "..", "local", "with-local-aws.ts");

/**
 * Runs a script of this folder on a fresh local AWS of a state's account and region.
 *
 * @param script such as `plan.ts`
 * @returns its exit code
 */
export async function onLocalAws({ directory }: State, script: string, ...rest: string[]) {
  const { allowed_account_ids, region } = readBackend(directory);
  const command = [...allowed_account_ids, region, join(__dirname, script), ...rest];
  const args = ["--import", "tsx", LOCAL_AWS, ...command];
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  const [exitCode] = (await once(child, "close")) as [number | null];
  return exitCode ?? 1;
}
