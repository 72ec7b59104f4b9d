import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

const START_TIMEOUT_MS = 60_000;
const LOG_TAIL_LINES = 20;

export interface EmulatorOptions {
  /** A Python of 3.10 or newer that has `moto[server]`. */
  readonly python: string;
  /** The account that everything lives in: 12 digits. */
  readonly accountId: string;
  readonly region: string;
  /** Where its log of requests and errors goes; begun anew at each start. */
  readonly logFile: string;
}

/** A running local AWS. */
export interface Emulator {
  /** `http://127.0.0.1:<port>`, for all services. */
  readonly endpoint: string;
  readonly pid: number;
  /** Resolves when its process has ended. May be called again. */
  stop(): Promise<void>;
}

type EmulatorProcess = ChildProcessByStdio<Writable, Readable, null>;

/**
 * Starts the local AWS on a free port. It ends with this process, however this process ends.
 *
 * @throws when it does not listen within 60 seconds; the message holds the end of its log.
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const child = spawnEmulator(options);
  const exited = new Promise<void>((resolve) => {
    child.once("close", () => {
      resolve();
    });
  });
  // The emulator takes the end of its standard input as the order to stop.
  const stop = () => {
    child.stdin.end();
    return exited;
  };
  try {
    const endpoint = await firstEndpoint(child);
    return { endpoint, pid: child.pid as number, stop };
  } catch (error) {
    child.kill("SIGKILL");
    await exited;
    throw new Error(
      `The local AWS did not start: ${(error as Error).message}\n${tail(options.logFile)}`,
      { cause: error },
    );
  }
}

function spawnEmulator({ python, accountId, region, logFile }: EmulatorOptions): EmulatorProcess {
  const log = openSync(logFile, "w");
  try {
    return spawn(python, ["-m", "emulator"], {
      cwd: __dirname,
      env: {
        ...process.env,
        MOTO_ACCOUNT_ID: accountId,
        AWS_REGION: region,
        PYTHONDONTWRITEBYTECODE: "1",
      },
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
