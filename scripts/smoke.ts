/**
 * `npm run smoke -- <url> [--timeout <seconds>]`: uses a deployed API through its load balancer, and
 * leaves nothing behind. Exits with 1 when something is not as it should be.
 */
import { parseArgs } from "node:util";
import { smokeTest } from "./smoke/smoke-test";

const USAGE = "npm run smoke -- <url> [--timeout <seconds>]";

const NEXT =
  "Next: see the tasks' log (aws logs tail /ecs/<platform>-<environment> --since 15m); roll back to an image that served (docs/runbook.md).";

async function main() {
  const { url, timeoutMs } = readOptions();
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      interrupt.abort(new Error(`stopped by ${signal}`));
    });
  }
  try {
    await smokeTest({ url, timeoutMs, say: console.log, signal: interrupt.signal });
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${NEXT}`, { cause: error });
  }
  console.log(`${url} serves.`);
}

function readOptions() {
  const { values, positionals } = parse();
  const [url = "", ...rest] = positionals;
  if (rest.length > 0 || !/^https?:\/\/[^/?#\s]+\/?$/.test(url) || !URL.canParse(url)) {
    throw new Error(
      `url is "${positionals.join(" ")}", expected that of the load balancer, such as http://inventory-dev-1234.eu-west-1.elb.amazonaws.com (output dns_name of the alb state).\nUsage: ${USAGE}`,
    );
  }
  const seconds = Number(values.timeout);
  if (!(seconds > 0)) {
    throw new Error(
      `--timeout is "${values.timeout}", expected a number of seconds above 0.\nUsage: ${USAGE}`,
    );
  }
  return { url: new URL(url).origin, timeoutMs: seconds * 1000 };
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { timeout: { type: "string", default: "60" } },
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}\nUsage: ${USAGE}`);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
