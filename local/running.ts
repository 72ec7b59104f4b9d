import { existsSync, readFileSync } from "node:fs";
import type { LocalAws } from "./emulator/aws";
import { writePrivateFile } from "../delivery/private-files";
import type { TokenEndpoint } from "./token-issuer";

/** What a second terminal must know of the platform that the first one runs. */
export interface Running {
  /** Process id of `npm start`. */
  readonly pid: number;
  readonly aws: LocalAws;
  /** With which Terraform finds the local AWS and the provider. */
  readonly terraformEnv: Readonly<Record<string, string>>;
  /** Gives the access tokens that the services ask for. @default - they ask for none */
  readonly tokenEndpoint?: TokenEndpoint | undefined;
}

/** Only its owner can read the file: it holds the key of the account's root. */
export function writeRunning(file: string, running: Running) {
  const { endpoint, region, accountId, credentials, controlSecret } = running.aws;
  // A running AWS holds servers and timers besides, which cannot be written as JSON.
  const aws = { endpoint, region, accountId, credentials, controlSecret };
  writePrivateFile(file, JSON.stringify({ ...running, aws }, null, 2));
}

/** The platform that runs now, or nothing: what a killed one left behind does not count. */
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
