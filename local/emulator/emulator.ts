import { spawn, type ChildProcessByStdio } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { join } from "node:path";
import type { LocalAws } from "./aws";
import { childEnv } from "../child-env";

const START_TIMEOUT_MS = 60_000;
const LOG_TAIL_LINES = 20;

export interface EmulatorOptions {
  /** A Python of 3.10 or newer that has `moto[server]`. */
  readonly python: string;
  /** The account in which all resources are created: 12 digits. */
  readonly accountId: string;
  readonly region: string;
  /** The file for the log of requests and errors. Each start overwrites it. */
  readonly logFile: string;
  /** Further `<host>:<port>` names in requests, such as that of a proxy. @default - none */
  readonly hostAliases?: readonly string[];
}

/** A running local AWS, with the access key of its account's root. */
export interface Emulator {
  readonly aws: LocalAws;
  readonly pid: number;
  /** Resolves when the process has ended. It may be called more than once. */
  stop(): Promise<void>;
}

type EmulatorProcess = ChildProcessByStdio<Writable, Readable, null>;

/**
 * Starts the local AWS on a free port with a new root key and a new control secret. It ends with
 * this process, even if this process is killed.
 *
 * @throws when it does not listen within 60 seconds; the message contains the end of its log
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const secrets = newSecrets();
  const child = spawnEmulator(options, secrets);
  const exited = new Promise<void>((resolve) => {
    child.once("close", () => {
      resolve();
    });
  });
  // The emulator stops when its standard input is closed.
  const stop = () => {
    child.stdin.end();
    return exited;
  };
  try {
    const endpoint = await firstEndpoint(child);
    const { accountId, region } = options;
    return { aws: { endpoint, accountId, region, ...secrets }, pid: child.pid as number, stop };
  } catch (error) {
    child.kill("SIGKILL");
    await exited;
    throw new Error(
      `The local AWS did not start: ${(error as Error).message}\n${tail(options.logFile)}`,
      { cause: error },
    );
  }
}

type Secrets = Pick<LocalAws, "credentials" | "controlSecret">;

function newSecrets(): Secrets {
  // The keys have AWS's format: 20 upper-case letters and digits, and 40 characters.
  const accessKeyId = `AKIA${randomBytes(8).toString("hex").toUpperCase()}`;
  const secretAccessKey = randomBytes(30).toString("base64");
  return {
    credentials: { accessKeyId, secretAccessKey },
    controlSecret: randomBytes(24).toString("base64url"),
  };
}

function spawnEmulator(options: EmulatorOptions, secrets: Secrets): EmulatorProcess {
  const { python, accountId, region, logFile, hostAliases = [] } = options;
  const log = openSync(logFile, "w", 0o600);
  try {
    return spawn(python, ["-m", "emulator"], {
      cwd: join(__dirname, ".."),
      env: childEnv({
        MOTO_ACCOUNT_ID: accountId,
        AWS_REGION: region,
        ROOT_ACCESS_KEY_ID: secrets.credentials.accessKeyId,
        ROOT_SECRET_ACCESS_KEY: secrets.credentials.secretAccessKey,
        CONTROL_SECRET: secrets.controlSecret,
        HOST_ALIASES: hostAliases.join(","),
        PYTHONDONTWRITEBYTECODE: "1",
      }),
      stdio: ["pipe", "pipe", log],
    }) as EmulatorProcess;
  } finally {
    closeSync(log);
  }
}

async function firstEndpoint(child: EmulatorProcess): Promise<string> {
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  const endpoint = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      const [, url] = /^listening on (http:\S+)$/.exec(line) ?? [];
      if (url) return url;
    }
    throw new Error("it ended before it listened");
  })();
  const failure = once(child, "error", { signal }).then(
    ([error]: unknown[]) => Promise.reject(error as Error),
    () => Promise.reject(new Error(`it was not listening after ${START_TIMEOUT_MS / 1000} s`)),
  );
  return Promise.race([endpoint, failure]);
}

function tail(file: string): string {
  return readFileSync(file, "utf8").split("\n").slice(-LOG_TAIL_LINES).join("\n");
}
