/** `npm start`: the inventory platform on a local AWS. */
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { App } from "cdktf";
import type { Network } from "../environments/environment";
import { local, LOCAL_ACCOUNT, LOCAL_REGION } from "../environments/local";
import { inventory } from "../platforms/inventory";
import { addStates } from "../stacks";
import { deployImage } from "./deploy-image";
import { startPlatform, type StartedPlatform } from "./start";

const USAGE = "npm start [-- --image-tag <commit SHA>] [-- --port <port>]";

const contextDirectory = join(__dirname, "..");
const directory = join(contextDirectory, ".local");

async function main() {
  const { "image-tag": tag, port } = readOptions();
  const interrupt = interruptSignal();
  if (tag !== undefined) {
    await deployImage({ tag, contextDirectory, directory, signal: interrupt });
    console.log(`\nImage ${tag} serves.`);
    return;
  }
  const started = await startPlatform({
    accountId: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    delivery: { Platform: inventory.name, Environment: "local", Protected: "false" },
    synthesize,
    contextDirectory,
    directory,
    preferredPort: Number(port),
    signal: interrupt,
  });
  console.log(summary(started));
  await new Promise<void>((resolve) => {
    if (interrupt.aborted) resolve();
    interrupt.addEventListener("abort", () => {
      resolve();
    });
  });
  console.log("Stopping");
  await started.aws.stop();
}

function readOptions() {
  try {
    return parseArgs({
      options: { "image-tag": { type: "string" }, port: { type: "string", default: "8080" } },
    }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\nUsage: ${USAGE}`);
  }
}

function synthesize(network: Network, outdir: string) {
  const app = new App({ outdir });
  addStates(app, { platform: inventory, environment: local(network) });
  app.synth();
}

/** Aborts at the first Ctrl-C or at the end of the terminal. */
function interruptSignal() {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      controller.abort(new Error(`Stopped by ${signal}`));
    });
  }
  return controller.signal;
}

function summary({ aws, layout }: StartedPlatform) {
  const url = aws.loadBalancers.url("inventory-local", 80) ?? "";
  const item = `{"sku": "tea-1", "name": "Green tea", "quantity": 12, "unitPrice": "3.90"}`;
  return `
The inventory platform answers at ${url}

  curl ${url}/health
  curl ${url}/items -H 'content-type: application/json' -d '${item}'
  curl ${url}/items

API page   ${url}/docs
Logs       ${relative(contextDirectory, layout.logs)}
States     ${relative(contextDirectory, layout.states)}/stacks, their state in the local S3
AWS APIs   source ${relative(contextDirectory, layout.awsVariables)}    then, for example: aws ecs list-clusters
New image  npm start -- --image-tag $(git rev-parse HEAD)    in a second terminal
Stop       Ctrl-C
`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
