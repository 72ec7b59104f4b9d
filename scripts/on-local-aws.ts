import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { readBackend } from "../delivery/synthesized/config";
import type { State } from "../delivery/synthesized/states";

const LOCAL_AWS = join(__dirname, "..", "local", "with-local-aws.ts");

/**
 * Starts a new local AWS with the account and region of a state, and runs a script of this folder on it.
 *
 * @param script the name of the script's file, such as `plan.ts`
 * @returns the exit code of the script
 */
export async function onLocalAws({ directory }: State, script: string, ...rest: string[]) {
  const { allowed_account_ids, region } = readBackend(directory);
  const command = [...allowed_account_ids, region, join(__dirname, script), ...rest];
  const args = ["--import", "tsx", LOCAL_AWS, ...command];
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  const [exitCode] = (await once(child, "close")) as [number | null];
  return exitCode ?? 1;
}
