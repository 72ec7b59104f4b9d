import { existsSync, readFileSync } from "node:fs";
import type { LocalAws } from "./emulator/aws";
import { writePrivateFile } from "../delivery/private-files";
import type { TokenEndpoint } from "./token-issuer";

/** The information that a command in a second terminal needs about the running platform. */
export interface Running {
  /** Process id of `npm start`. */
  readonly pid: number;
  readonly aws: LocalAws;
  /** The variables that Terraform needs to find the local AWS and the provider. */
  readonly terraformEnv: Readonly<Record<string, string>>;
  /** Issues the access tokens that the services require. @default - they require none */
  readonly tokenEndpoint?: TokenEndpoint | undefined;
}

/** Writes a file that only its owner can read, because it contains the access key of the account's root user. */
export function writeRunning(file: string, running: Running) {
  const { endpoint, region, accountId, credentials, controlSecret } = running.aws;
  // A running AWS also has servers and timers, which cannot be written as JSON.
  const aws = { endpoint, region, accountId, credentials, controlSecret };
  writePrivateFile(file, JSON.stringify({ ...running, aws }, null, 2));
}

/** The platform that runs now. `undefined` when none runs, even if a killed process has left its file behind. */
export function readRunning(file: string): Running | undefined {
  if (!existsSync(file)) return undefined;
  const running = JSON.parse(readFileSync(file, "utf8")) as Running;
  return isAlive(running.pid) ? running : undefined;
}

function isAlive(pid: number) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
