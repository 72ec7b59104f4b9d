/**
 * Runs the smoke test of a platform against its load balancer. It exits with 1 when the test fails. The environment
 * variable `SMOKE_TOKEN` is an access token for an API that requires one.
 */
import { forApp } from "../delivery/app";
import { uncut } from "../delivery/interrupt";
import { mainForApp } from "./main";
import { loadSmokeTest, runSmokeTest } from "../delivery/smoke/run-smoke-test";

const NEXT =
  "Next: read the log of the tasks (aws logs tail /ecs/<platform>-<environment> --since 15m), or roll back to an earlier image that worked (docs/runbook.md).";

mainForApp(
  "npm run smoke -- <url> [--timeout <seconds>]",
  { timeout: { type: "string", default: "60" } },
  async (app, { timeout }, given = "") => {
    const url = readUrl(given);
    const timeoutMs = readSeconds(timeout) * 1000;
    const smokeTest = await loadSmokeTest(app);
    const interrupt = new AbortController();
    const onInterrupt = () => {
      interrupt.abort(new Error("interrupted"));
    };
    try {
      // An interrupt ends the test, but what the test created is removed first.
      await uncut(onInterrupt, () =>
        runSmokeTest(smokeTest, {
          url,
          timeoutMs,
          say: console.log,
          token: process.env.SMOKE_TOKEN,
          signal: interrupt.signal,
        }),
      );
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${NEXT}`, { cause: error });
    }
    console.log(`${url} serves.`);
    return 0;
  },
);

function readUrl(given: string) {
  if (/^https?:\/\/[^/?#\s]+\/?$/.test(given) && URL.canParse(given)) return new URL(given).origin;
  throw new Error(
    `url is "${given}", expected the URL of the load balancer, such as http://inventory-dev-1234.eu-west-1.elb.amazonaws.com (${forApp("npm run url -- dev")})`,
  );
}

function readSeconds(given: string) {
  const seconds = Number(given);
  if (seconds > 0) return seconds;
  throw new Error(`--timeout is "${given}", expected a number of seconds above 0`);
}
