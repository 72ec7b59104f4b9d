/** `npm start`: the inventory platform on a local AWS. */
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { App } from "cdktf";
import type { Network } from "../model/network";
import type { TokenIssuer } from "../model/token-issuer";
import { local, LOCAL_ACCOUNT, LOCAL_REGION } from "../environments/local";
import { platform as inventory } from "../platforms/inventory/platform";
import { addStates } from "../stacks";
import { withAccessTokens } from "./access-tokens";
import { deployImage } from "./deploy-image";
import { startPlatform, type StartedPlatform } from "./start";
import { startTokenIssuer, type RunningTokenIssuer } from "./token-issuer";

const USAGE = "npm start [-- --image-tag <commit SHA>] [-- --port <port>] [-- --auth bearer]";

const contextDirectory = join(__dirname, "..");
const directory = join(contextDirectory, ".local");

async function main() {
  const { "image-tag": tag, port, auth } = readOptions();
  const interrupt = interruptSignal();
  if (tag !== undefined) {
    await deployImage({ tag, contextDirectory, directory, signal: interrupt });
    console.log(`\nImage ${tag} serves.`);
    return;
  }
  const tokens = auth === "bearer" ? await startTokenIssuer("inventory-local") : undefined;
  try {
    await serve(port, tokens, interrupt);
  } finally {
    await tokens?.stop();
  }
}

/** Deploys the platform and serves it until it is interrupted. */
async function serve(
  preferredPort: number,
  tokens: RunningTokenIssuer | undefined,
  interrupt: AbortSignal,
) {
  const started = await startPlatform({
    accountId: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    delivery: { Platform: inventory.name, Environment: "local", Protected: "false" },
    synthesize: (network, outdir) => {
      synthesize(network, outdir, tokens?.issuer);
    },
    tokenEndpoint: tokens?.endpoint,
    contextDirectory,
    directory,
    preferredPort,
    signal: interrupt,
  });
  console.log(summary(started, tokens ? "bearer" : "none"));
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
    const { values } = parseArgs({
      options: {
        "image-tag": { type: "string" },
        port: { type: "string", default: "8080" },
        auth: { type: "string", default: "none" },
      },
    });
    if (!["none", "bearer"].includes(values.auth)) {
      throw new Error(`--auth is "${values.auth}", expected none or bearer`);
    }
    return { ...values, port: readPort(values.port) };
  } catch (error) {
    throw new Error(`${(error as Error).message}\nUsage: ${USAGE}`);
  }
}

function readPort(given: string) {
  const port = Number(given);
  if (/^\d+$/.test(given) && port >= 1 && port <= 65_535) return port;
  throw new Error(`--port is "${given}", expected a number from 1 to 65535`);
}

function synthesize(network: Network, outdir: string, tokenIssuer: TokenIssuer | undefined) {
  const app = new App({ outdir });
  addStates(app, {
    platform: tokenIssuer ? withAccessTokens(inventory) : inventory,
    environment: local(network, tokenIssuer),
  });
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

function summary({ aws, layout }: StartedPlatform, auth: "none" | "bearer") {
  const url = aws.loadBalancers.url("inventory-local", 80) ?? "";
  const item = `{"sku": "tea-1", "name": "Green tea", "quantity": 12, "unitPrice": "3.90"}`;
  const header = auth === "bearer" ? ` -H "authorization: Bearer $(npm run --silent token)"` : "";
  return `
The inventory platform answers at ${url}

  curl ${url}/health
  curl ${url}/items${header} -H 'content-type: application/json' -d '${item}'
  curl ${url}/items${header}

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
