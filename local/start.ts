import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Network } from "../model/network";
import type { Secret } from "../model/secret";
import {
  type Credentials,
  environmentVariables,
  type LocalAws,
  shellExports,
} from "./emulator/aws";
import { childEnv } from "./child-env";
import { Backend } from "./deploy/backend";
import { deployStates } from "./deploy/deploy";
import { createFoundation, type Delivery } from "./deploy/foundation";
import { setRandomValues } from "./deploy/secret-values";
import type { Parameters } from "./deploy/stack";
import { imageTag } from "./images/image-tag";
import { type Layout, layoutOf } from "./layout";
import { type RunningAws, startLocalAws } from "./local-aws";
import { pythonWithMoto } from "./emulator/moto";
import { checkPrerequisites } from "./prerequisites";
import { makePrivateFolder, writePrivateFile } from "../delivery/private-files";
import { step } from "../delivery/deploy/progress";
import { installProvider } from "../delivery/terraform/provider";
import { providerSource } from "../delivery/terraform/provider-source";
import { publishImages } from "./images/publish-image";
import { readRunning, writeRunning } from "./running";
import type { TokenEndpoint } from "./token-issuer";
import type { Images } from "../delivery/images/service-images";
import { imageVariable } from "../delivery/plan/plan-environment";
import {
  isBackend,
  isEcr,
  isSecrets,
  isService,
  readStates,
  type ServiceState,
  type State,
} from "../delivery/synthesized/states";

export interface StartOptions {
  readonly accountId: string;
  readonly region: string;
  /** Parameters of `foundation/delivery.yaml`. */
  readonly delivery: Delivery & Parameters;
  /**
   * Signs in for the deploy of all states but the backend, after the foundation has been created.
   *
   * @default - the root user of the account
   */
  readonly signIn?: (aws: LocalAws) => Promise<Credentials>;
  /** Signs in for the bootstrap of the backend. @default - the root user of the account */
  readonly signInForBackend?: (aws: LocalAws) => Promise<Credentials>;
  /** Synthesizes all states into a folder, for the network that the foundation created. */
  readonly synthesize: (network: Network, outputDirectory: string) => void;
  /** The root of the repository, which the paths of images are relative to. */
  readonly root: string;
  /** The folder for all files. The files of an earlier run are removed. */
  readonly directory: string;
  /** The load balancer's port on this machine. @default - any free port */
  readonly preferredPort?: number;
  /** The platform's secrets. Each gets a random value before the tasks start. @default - none */
  readonly secrets?: readonly Secret[];
  /** Issues the access tokens that the services require. @default - they require none */
  readonly tokenEndpoint?: TokenEndpoint | undefined;
  /** Aborts the deploy of the states. */
  readonly signal: AbortSignal;
}

/** A platform that is deployed on a local AWS and serves requests. */
export interface StartedPlatform {
  readonly aws: RunningAws;
  readonly layout: Layout;
  readonly states: readonly State[];
  /** The image of each service, as `<commit SHA>@sha256:<digest>`. */
  readonly images: Images;
  /** The variables that Terraform needs to find the local AWS and the provider. */
  readonly terraformEnv: Readonly<Record<string, string>>;
}

/**
 * Starts a local AWS and deploys a platform onto it. It prints each step.
 *
 * @throws the error of the failed step, after every process that was started has ended
 */
export async function startPlatform(options: StartOptions): Promise<StartedPlatform> {
  const layout = layoutOf(options.directory);
  const { python } = await step("Checking Node, Terraform and Python", () => {
    refuseSecondStart(layout);
    return checkPrerequisites();
  });
  rmSync(layout.run, { recursive: true, force: true });
  makePrivateFolder(options.directory);
  makePrivateFolder(layout.run);
  const source = providerSource({ directory: layout.tools });
  // The provider is installed while the local AWS starts.
  const provided = installProvider(layout.provider, childEnv(source));
  provided.catch(() => undefined);
  const aws = await step("Starting the local AWS", async (show) =>
    startLocalAws({
      ...options,
      python: await pythonWithMoto({ python, venvDirectory: join(layout.tools, "venv"), show }),
      imagesDirectory: layout.images,
      logsDirectory: layout.logs,
    }),
  );
  try {
    const envOf = (who: LocalAws) => ({ ...environmentVariables(who), ...source });
    writeRunning(layout.running, {
      pid: process.pid,
      aws,
      terraformEnv: envOf(aws),
      tokenEndpoint: options.tokenEndpoint,
    });
    writePrivateFile(layout.awsVariables, shellExports(environmentVariables(aws)));
    const network = await step("Creating the Day-0 network and roles", () =>
      createFoundation(aws, options.delivery),
    );
    const credentials = (await options.signIn?.(aws)) ?? aws.credentials;
    const deployer = { ...aws, credentials };
    const administrator = {
      ...aws,
      credentials: (await options.signInForBackend?.(aws)) ?? aws.credentials,
    };
    const states = await step("Synthesizing the states", () => {
      mkdirSync(layout.states, { recursive: true });
      options.synthesize(network, layout.states);
      return readStates(layout.states);
    });
    await step("Installing the AWS provider", () => provided);
    const terraformEnv = envOf(deployer);
    const platform = { aws, layout, states, terraformEnv };
    return { ...platform, images: await deployAll(platform, deployer, administrator, options) };
  } catch (error) {
    await aws.stop();
    throw error;
  }
}

/** @returns the images that were deployed */
async function deployAll(
  { aws: account, layout, states, terraformEnv }: Omit<StartedPlatform, "images">,
  aws: LocalAws,
  administrator: LocalAws,
  { root, secrets = [], signal }: StartOptions,
) {
  const services = states.filter(isService);
  // The images are known after they have been pushed to the repositories of the `ecr` state. The states of the services
  // are deployed after that one.
  let images: Images = new Map();
  const backend = new Backend(onlyOf(states.filter(isBackend)), administrator, signal);
  await deployStates({
    states,
    provider: layout.provider,
    env: (state) =>
      childEnv({
        ...terraformEnv,
        ...environmentVariables(isBackend(state) ? administrator : aws),
        ...imageVariable(state, images),
      }),
    signal,
    ready: async (state) => {
      if (!isBackend(state)) await backend.untilReadable();
    },
    deploy: async (state, terraform, show) => {
      if (isBackend(state)) {
        await backend.bootstrap(terraform, show);
        return;
      }
      await backend.deployOnto(terraform);
      if (isEcr(state)) {
        const { images: imagesDirectory } = layout;
        const tags = await imageTags(root, services);
        images = await publishImages({ aws, services, tags, root, imagesDirectory });
      }
      // The roles of the deploy cannot set a secret's value.
      if (isSecrets(state)) await setRandomValues(account, secrets, await terraform.outputs());
    },
  });
  return images;
}

/** The tag of each service's image. */
async function imageTags(root: string, services: readonly ServiceState[]): Promise<Images> {
  const entries = services.map(
    async ({ service, image }) => [service, await imageTag(root, image)] as const,
  );
  return new Map(await Promise.all(entries));
}

function onlyOf(backends: readonly State[]) {
  const [backend, ...others] = backends;
  if (!backend || others.length > 0) {
    throw new Error(`expected one backend state, found ${backends.length}`);
  }
  return backend;
}

function refuseSecondStart({ run, running }: Layout) {
  const other = readRunning(running);
  if (!other) return;
  throw new Error(
    `A local platform runs already in ${run} (process ${other.pid}). Deploy another image onto it with npm start -- --image-tag <sha>, or stop it with Ctrl-C.`,
  );
}
