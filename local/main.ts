/** `npm start`: deploys the platform of an app onto a local AWS and serves it. */
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { App } from "cdktf";
import { local, LOCAL_ACCOUNT, LOCAL_REGION } from "../environments/local";
import { chooseApp, forApp, loadPlatformFile } from "../delivery/app";
import type { Platform } from "../model/platform";
import { addStates } from "../stacks";
import { withAccessTokens } from "./access-tokens";
import { deployImages } from "./deploy-images";
import { startPlatform, type StartedPlatform } from "./start";
import { startTokenIssuer, type RunningTokenIssuer } from "./token-issuer";

const USAGE =
  "npm start [-- --app <folder>] [-- --image-tag [<service>=]<commit SHA>] [-- --port <port>] [-- --auth bearer]";

/** The exports of an app's `platform.ts`. */
interface PlatformFile {
  readonly platform: Platform;
  /** Returns the commands to show for trying the platform. @default - the health checks of its services */
  readonly tryIt?: (url: string, header: string) => string;
}

const root = join(__dirname, "..");
const directory = join(root, ".local");

async function main() {
  const { app: folder, "image-tag": imageTags, port, auth } = readOptions();
  const app = chooseApp(folder);
  const interrupt = interruptSignal();
  if (imageTags.length > 0) {
    const images = await deployImages({ imageTags, root, directory, signal: interrupt });
    for (const [service, image] of images) console.log(`\n${service} serves with ${image}.`);
    return;
  }
  const file = await loadPlatformFile<PlatformFile>(app, "platform.ts", "platform");
  const audience = `${file.platform.name}-local`;
  const tokens = auth === "bearer" ? await startTokenIssuer(audience) : undefined;
  try {
    await serve(file, port, tokens, interrupt);
  } finally {
    await tokens?.stop();
  }
}

/** Deploys the platform and serves it until the user interrupts it. */
async function serve(
  file: PlatformFile,
  preferredPort: number,
  tokens: RunningTokenIssuer | undefined,
  interrupt: AbortSignal,
) {
  const platform = tokens ? withAccessTokens(file.platform) : file.platform;
  const started = await startPlatform({
    accountId: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    delivery: { Platform: platform.name, Environment: "local", Protected: "false" },
    synthesize: (network, outdir) => {
      const app = new App({ outdir });
      addStates(app, { platform, environment: local(network, tokens?.issuer) });
      app.synth();
    },
    secrets: platform.secrets,
    tokenEndpoint: tokens?.endpoint,
    root,
    directory,
    preferredPort,
    signal: interrupt,
  });
  console.log(summary(file, started, tokens ? "bearer" : "none"));
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
        app: { type: "string" },
        "image-tag": { type: "string", multiple: true, default: [] },
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

/** A signal that aborts at the first Ctrl-C or when the terminal closes. */
function interruptSignal() {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      controller.abort(new Error(`Stopped by ${signal}`));
    });
  }
  return controller.signal;
}

function summary(file: PlatformFile, { aws, layout }: StartedPlatform, auth: "none" | "bearer") {
  const { platform, tryIt = healthChecksOf(platform) } = file;
  const url = aws.loadBalancers.url(`${platform.name}-local`, 80) ?? "";
  const token = "$(npm run --silent token)";
  const [header, variable] =
    auth === "bearer"
      ? [` -H "authorization: Bearer ${token}"`, `SMOKE_TOKEN="${token}" `]
      : ["", ""];
  return `
The ${platform.name} platform answers at ${url}
${tryIt(url, header)}
Smoke test ${variable}${forApp(`npm run smoke -- ${url}`)}
Logs       ${relative(root, layout.logs)}
States     ${relative(root, layout.states)}/stacks, their state in the local S3
AWS APIs   source ${relative(root, layout.awsVariables)}    then, for example: aws ecs list-clusters
New image  ${forApp("npm start -- --image-tag $(git rev-parse HEAD)")}    in a second terminal
Stop       Ctrl-C
`;
}

const healthChecksOf =
  ({ services }: Platform) =>
  (url: string) => {
    const routes = services.flatMap(({ route }) => route ?? []);
    return routes.map(({ healthCheckPath }) => `\n  curl ${url}${healthCheckPath}`).join("") + "\n";
  };

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
