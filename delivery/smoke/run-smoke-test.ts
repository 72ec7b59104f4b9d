import { setTimeout as sleep } from "node:timers/promises";
import type { SmokeTest, SmokeTools } from "../../model/smoke-test";
import { type App, loadPlatformFile } from "../app";
import { ApiClient } from "./api-client";

export interface SmokeTestOptions {
  /** The URL of the load balancer, without a path. */
  readonly url: string;
  /** How long to wait until the platform is ready. */
  readonly timeoutMs: number;
  /** How long to wait for each answer. @default 10000 */
  readonly requestTimeoutMs?: number;
  /** Called with a line for each completed step, with the time that the step took. */
  readonly say: (line: string) => void;
  /** An access token, for an API that requires one. @default - none */
  readonly token?: string | undefined;
  /** Ends the test early. What the test created is still removed. */
  readonly signal?: AbortSignal;
}

const PAUSE_MS = 500;

/**
 * Runs the smoke test of a platform.
 *
 * @throws Error that names the step, the request, the answer and what was expected
 */
export async function runSmokeTest(smokeTest: SmokeTest, options: SmokeTestOptions) {
  const { url, timeoutMs, requestTimeoutMs = 10_000, say, token, signal } = options;
  const client = new ApiClient(url, requestTimeoutMs, signal);
  await smokeTest({
    client,
    cleaner: new ApiClient(url, requestTimeoutMs),
    token,
    step: stepsTold(say),
    say,
    untilReady: (path) => untilReady(client, path, timeoutMs, signal),
  });
}

const stepsTold =
  (say: SmokeTestOptions["say"]): SmokeTools["step"] =>
  async (title, run) => {
    const start = performance.now();
    const time = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
    try {
      const result = await run();
      say(`ok      ${title} (${time()})`);
      return result;
    } catch (error) {
      throw new Error(`FAILED  ${title} (${time()})\n${(error as Error).message}`, {
        cause: error,
      });
    }
  };

async function untilReady(
  client: ApiClient,
  path: string,
  timeoutMs: number,
  signal?: AbortSignal,
) {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const left = Math.max(1, Math.min(10_000, Math.round(deadline - performance.now())));
    try {
      await client.send({ method: "GET", template: path, status: 200, timeoutMs: left });
      return;
    } catch (error) {
      if (signal?.aborted || performance.now() + PAUSE_MS >= deadline) {
        throw new Error(`not ready within ${timeoutMs / 1000} s\n${(error as Error).message}`, {
          cause: error,
        });
      }
      await sleep(PAUSE_MS);
    }
  }
}

/** @throws when the folder of the platform has no smoke test */
export async function loadSmokeTest(app: App): Promise<SmokeTest> {
  const { smokeTest } = await loadPlatformFile<{ readonly smokeTest: SmokeTest }>(
    app,
    "smoke-test.ts",
    "smokeTest",
  );
  return smokeTest;
}
