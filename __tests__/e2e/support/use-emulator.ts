import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Credentials, LocalAws } from "../../../local/emulator/aws";
import { startEmulator, type Emulator } from "../../../local/emulator/emulator";

/** Longer than an emulator may take to start, so that one which does not start can show its log. */
const TIMEOUT_MS = 90_000;

/** Neither is moto's default, so that an emulator which is not told them is noticed. */
export const ACCOUNT = { accountId: "000000000000", region: "eu-west-1" };

interface TestEmulatorOptions {
  /** Python code that the emulator runs before its own. @default - none */
  readonly sitecustomize?: string;
}

/** The local AWS of a test file. Its account and region are known before it runs, all else while it does. */
export interface EmulatedAws extends LocalAws {
  /** Configures any SDK client of the account's root, also one that is made before the emulator runs. */
  readonly config: {
    readonly region: string;
    readonly endpoint: () => Promise<{ readonly url: URL }>;
    readonly credentials: () => Promise<Credentials>;
    readonly forcePathStyle: true;
  };
  /** The file that the emulator logs to. */
  readonly logFile: string;
  /** The ARN of a resource in this account and region. IAM's have no region. */
  arn(service: string, resource: string): string;
}

/** Starts a local AWS before the tests of a file, or of a `describe`, and stops it after them. */
export function useEmulator({ sitecustomize }: TestEmulatorOptions = {}): EmulatedAws {
  const folder = mkdtempSync(join(tmpdir(), "emulator-"));
  const logFile = join(folder, "aws.log");
  let emulator: Emulator | undefined;

  jest.setTimeout(TIMEOUT_MS);

  beforeAll(async () => {
    const python = sitecustomize === undefined ? "python3" : pythonWith(sitecustomize, folder);
    emulator = await startEmulator({ python, ...ACCOUNT, logFile });
  });

  afterAll(async () => {
    await emulator?.stop();
    rmSync(folder, { recursive: true });
  });

  const running = () => {
    if (emulator) return emulator.aws;
    throw new Error("The local AWS does not run yet: use it in a test or in a hook, not before.");
  };

  return {
    ...ACCOUNT,
    logFile,
    get endpoint() {
      return running().endpoint;
    },
    get credentials() {
      return running().credentials;
    },
    get controlSecret() {
      return running().controlSecret;
    },
    config: {
      region: ACCOUNT.region,
      endpoint: () => Promise.resolve({ url: new URL(running().endpoint) }),
      credentials: () => Promise.resolve(running().credentials),
      forcePathStyle: true,
    },
    arn: (service, resource) => {
      const region = service === "iam" ? "" : ACCOUNT.region;
      return `arn:aws:${service}:${region}:${ACCOUNT.accountId}:${resource}`;
    },
  };
}

/** A program that is `python3`, and runs this code first: Python imports a module `sitecustomize`. */
function pythonWith(sitecustomize: string, folder: string): string {
  writeFileSync(join(folder, "sitecustomize.py"), sitecustomize);
  const python = join(folder, "python");
  writeFileSync(python, `#!/bin/sh\nPYTHONPATH='${folder}' exec python3 "$@"\n`, { mode: 0o755 });
  return python;
}
