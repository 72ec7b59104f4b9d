import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The committed lock file. Synth copies it into the folder of each state. */
export const LOCK_FILE = join(__dirname, "..", "..", ".terraform.lock.hcl");

/** The version of the AWS provider in the lock file. */
export function lockedVersion() {
  const version = /version\s*=\s*"([^"]+)"/.exec(readFileSync(LOCK_FILE, "utf8"))?.[1];
  if (version === undefined) throw new Error(`${LOCK_FILE} has no version of the provider`);
  return version;
}
