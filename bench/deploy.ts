import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { App } from "cdktf";
import { local, LOCAL_ACCOUNT, LOCAL_REGION } from "../environments/local";
import { childEnv } from "../local/child-env";
import { clientConfig, environmentVariables } from "../local/emulator/aws";
import { deployStates, initAndApply } from "../local/deploy/deploy";
import { createFoundation } from "../local/deploy/foundation";
import { startLocalAws } from "../local/local-aws";
import { pythonWithMoto } from "../local/emulator/moto";
import { checkPrerequisites } from "../local/prerequisites";
import { installProvider } from "../delivery/terraform/provider";
import { providerSource } from "../delivery/terraform/provider-source";
import { publishImage } from "../local/images/publish-image";
import {
  isBackend,
  isEcr,
  isService,
  readStates,
  type State,
} from "../delivery/synthesized/states";
import { platform as inventory } from "../platforms/inventory/platform";
import { bootstrapBackend } from "../delivery/backend/bootstrap-backend";
import { Terraform } from "../delivery/terraform/terraform";
import { addStates } from "../stacks";
import { changedContext } from "../__tests__/e2e/support/changed-context";
import { benchNewImage } from "./new-image";
import { comparePairs, printRatio, secondsOf } from "./pairs";
import { singleRoot } from "./single-root";

const TAG = "0".repeat(40);
const ANOTHER_TAG = "1".repeat(40);
const REPOSITORY = `${LOCAL_ACCOUNT}.dkr.ecr.${LOCAL_REGION}.amazonaws.com/inventory-local`;
const PLAN_ROUNDS = 3;

/** Deploy from nothing, deploy a new image, and plan without a change: split states against one root. */
export async function benchDeploy(directory: string) {
  console.log("\nBootstrapping a backend for each side");
  const [split, single] = await Promise.all([
    prepare(join(directory, "split")),
    prepare(join(directory, "single")),
  ]);
  try {
    const signal = new AbortController().signal;
    const { states, env } = split;
    const deploySplit = async () => {
      const provider = join(directory, "split", "provider");
      await installProvider(provider, env);
      await deployStates({
        states,
        provider,
        env: () => env,
        signal,
        deploy: async (state, terraform) => {
          await initAndApply(state, terraform);
          if (isEcr(state)) await split.publish();
        },
      });
    };

    const root = join(directory, "single", "root");
    mkdirSync(root, { recursive: true });
    const directories = single.states.map((state) => state.directory);
    writeFileSync(join(root, "main.tf.json"), singleRoot(directories));
    copyFileSync(resolve(".terraform.lock.hcl"), join(root, ".terraform.lock.hcl"));
    const failure = new AbortController();
    let published: Promise<void> | undefined;
    const oneRoot = new Terraform({
      directory: root,
      env: single.env,
      signal: failure.signal,
      onLine: (line) => {
        // As soon as its repository stands, as on the other side.
        if (!line.startsWith("aws_ecr_repository.inventory: Creation complete")) return;
        published = single.publish().then(
          () => undefined,
          // Without its image the service never becomes steady.
          (error: unknown) => {
            failure.abort(error);
          },
        );
      },
    });
    const deploySingle = async () => {
      await oneRoot.init();
      await oneRoot.apply();
      await published;
      failure.signal.throwIfAborted();
    };

    const seconds = {
      split: await secondsOf({ name: "split", run: deploySplit }),
      single: await secondsOf({ name: "single", run: deploySingle }),
    };
    printRatio(
      "Deploy from nothing, six states to one root (at most 1.3)",
      ["six states", [seconds.split]],
      ["one root", [seconds.single]],
    );

    writeMain(join(directory, "split"));
    await benchNewImage({
      service: serviceOf(states),
      env,
      images: [
        await split.publish(),
        await split.publish(ANOTHER_TAG, changedContext(join(directory, "changed"))),
      ],
      directory: join(directory, "new-image"),
      app: join(directory, "split"),
    });

    // The seventh state's resources, under other names: what it is kept in cannot be its own.
    writeFileSync(
      join(root, "main.tf.json"),
      singleRoot([...directories, single.backendDirectory], "inventory-root-terraform"),
    );
    await oneRoot.apply();

    // Plans need the APIs alone; what runs behind them would only take processor time from both.
    await Promise.all([split.stopDataPlane(), single.stopDataPlane()]);
    await comparePairs(
      "Plan without a change, seven states with synth and init to init and plan of one root (at most 2.5)",
      {
        name: "seven states",
        run: () => {
          planSplit(split.env, join(directory, "split"));
        },
      },
      { name: "one root", run: () => planOne(root, oneRoot) },
      PLAN_ROUNDS,
    );
  } finally {
    await Promise.all([split.stop(), single.stop()]);
  }
}

function serviceOf(states: readonly State[]) {
  const service = states.find(isService);
  if (!service) throw new Error("the platform has no service");
  return service;
}

/**
 * Writes a `main.ts` that makes a folder an app, whose states are those in `cdktf.out`. It synthesizes the real
 * environments into a folder beside them, because the synth belongs to what is measured.
 */
function writeMain(directory: string) {
  writeFileSync(
    join(directory, "main.ts"),
    `process.env.CDKTF_OUTDIR = ${JSON.stringify(join(directory, "synth"))};\nrequire(${JSON.stringify(resolve("main.ts"))});\n`,
  );
}

/** What `npm run plan` does: a synth, which is of the real environments, and the plans. */
function planSplit(env: NodeJS.ProcessEnv, directory: string) {
  for (const { directory: state } of readStates(join(directory, "cdktf.out"))) {
    rmSync(join(state, ".terraform"), { recursive: true, force: true });
  }
  writeMain(directory);
  execFileSync(
    process.execPath,
    ["--import", "tsx", "scripts/plan.ts", "local", "--app", directory, "--synth"],
    { env },
  );
}

async function planOne(root: string, terraform: Terraform) {
  rmSync(join(root, ".terraform"), { recursive: true, force: true });
  await terraform.init();
  if (await terraform.hasChanges()) throw new Error("expected no changes in the one root");
}

/** A local AWS with a backend, and all other states synthesized. */
async function prepare(directory: string) {
  const python = await pythonWithMoto({
    ...checkPrerequisites(),
    venvDirectory: join(directory, "..", "venv"),
    show: console.log,
  });
  const imagesDirectory = join(directory, "images");
  const aws = await startLocalAws({
    accountId: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    python,
    imagesDirectory,
    logsDirectory: join(directory, "logs"),
  });
  const env = childEnv({
    ...environmentVariables(aws),
    ...providerSource({ directory }),
    TF_VAR_image_tag: TAG,
  });
  const outdir = join(directory, "cdktf.out");
  mkdirSync(outdir, { recursive: true });
  const app = new App({ outdir });
  const network = await createFoundation(aws, {
    Platform: inventory.name,
    Environment: "local",
    Protected: "false",
  });
  addStates(app, { platform: inventory, environment: local(network) });
  app.synth();
  const states = readStates(outdir);
  for (const state of states.filter(isBackend)) {
    const terraform = new Terraform({ directory: state.directory, env });
    await bootstrapBackend({
      directory: state.directory,
      terraform,
      client: clientConfig(aws),
      onStep: () => undefined,
    });
  }
  return {
    env,
    states: states.filter((state) => !isBackend(state)),
    backendDirectory: states.filter(isBackend).map((state) => state.directory)[0] ?? "",
    publish: (tag = TAG, root = resolve(".")) =>
      publishImage({
        aws,
        repositoryUrl: REPOSITORY,
        tag,
        root,
        source: { context: ".", dockerfile: "Dockerfile" },
        imagesDirectory,
      }),
    stopDataPlane: () => aws.stopDataPlane(),
    stop: () => aws.stop(),
  };
}
