import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { App } from "cdktf";
import { Terraform } from "../../../delivery/terraform/terraform";
import { local, LOCAL_ACCOUNT, LOCAL_REGION } from "../../../environments/local";
import { platform as flask } from "../../../examples/flask/platform";
import { childEnv } from "../../../local/child-env";
import { clientConfig } from "../../../local/emulator/aws";
import { publishImage } from "../../../local/images/publish-image";
import { startPlatform, type StartedPlatform } from "../../../local/start";
import type { Network } from "../../../model/network";
import { addStates } from "../../../stacks";
import { synthesizedApp } from "../../support/synthesized-app";
import { TestProcess } from "./processes";
import { waitUntil } from "./wait-until";

const SOURCE = {
  context: "examples/flask/app",
  dockerfile: "examples/flask/app/Dockerfile",
};

const SERVICE = { cluster: "flask-local", service: "flask-local" };

/**
 * Deploys the Flask system before the tests of a file, and ends it after them. The tests stand in the order of the
 * platform's life.
 *
 * @returns the system, which the tests can use once it is deployed
 */
export function useLocalFlask(): () => LocalFlask {
  let flask: LocalFlask | undefined;

  beforeAll(async () => {
    flask = await LocalFlask.start();
  }, 600_000);

  afterAll(async () => {
    await flask?.dispose();
  });

  return () => {
    if (flask) return flask;
    throw new Error("The Flask system is not deployed yet: use it in a test.");
  };
}

/** The Flask system, deployed to a local AWS of its own. */
class LocalFlask {
  private constructor(
    readonly directory: string,
    private readonly platform: StartedPlatform,
    private readonly network: Network,
    private readonly url: string,
  ) {}

  static async start() {
    const directory = mkdtempSync(join(tmpdir(), "flask-"));
    let network: Network | undefined;
    const platform = await startPlatform({
      accountId: LOCAL_ACCOUNT,
      region: LOCAL_REGION,
      delivery: { Platform: flask.name, Environment: "local", Protected: "false" },
      synthesize: (day0, outdir) => {
        network = day0;
        synthesize(day0, outdir);
      },
      root: resolve("."),
      directory,
      signal: new AbortController().signal,
    });
    symlinkSync(platform.layout.states, join(directory, "cdktf.out"));
    const url = platform.aws.loadBalancers.url("flask-local", 80) ?? "";
    return new LocalFlask(directory, platform, network as Network, url);
  }

  /** The settings of the clients of the AWS SDK. */
  get config() {
    return clientConfig(this.platform.aws);
  }

  private get env(): NodeJS.ProcessEnv {
    const image = this.platform.images.get("flask");
    return { ...childEnv(this.platform.terraformEnv), TF_VAR_image_tag: image };
  }

  terraform(state: string, states = this.platform.layout.states) {
    return new Terraform({
      directory: join(states, "stacks", `local-${state}`),
      env: this.env,
    });
  }

  /** Synthesizes the states with deletion protection, into a folder of their own. */
  synthesizeProtected(outdir: string) {
    synthesize(this.network, outdir, { deletionProtection: true });
  }

  /** Runs a script of the project for the platform, as its npm script does after the synth. */
  run(script: string, ...args: readonly string[]) {
    return this.node(script, "local", ...synthesizedApp(this.directory), ...args);
  }

  /** Runs the smoke test of the Flask system against the load balancer. */
  smoke() {
    return this.node("smoke", this.url, "--app", "examples/flask");
  }

  private async node(script: string, ...args: readonly string[]) {
    const started = new TestProcess(
      process.execPath,
      ["--import", "tsx", `scripts/${script}.ts`, ...args],
      { env: this.env },
    );
    return { exitCode: await started.ended(), output: started.output };
  }

  /**
   * Publishes the image with another `app.py`.
   *
   * @param digit a hexadecimal digit, which the tag repeats
   * @param app the content of `app.py`. @default - the system's own, with one more comment
   * @returns its tag
   */
  async publish(digit: string, app?: string) {
    const root = join(this.directory, `root-${digit}`);
    cpSync(SOURCE.context, join(root, SOURCE.context), { recursive: true });
    const file = join(root, SOURCE.context, "app.py");
    if (app === undefined) appendFileSync(file, `# ${digit}\n`);
    else writeFileSync(file, app);
    const tag = digit.repeat(40);
    await publishImage({
      aws: this.platform.aws,
      repositoryUrl: `${LOCAL_ACCOUNT}.dkr.ecr.${LOCAL_REGION}.amazonaws.com/flask-local`,
      tag,
      root,
      source: SOURCE,
      imagesDirectory: this.platform.layout.images,
    });
    return tag;
  }

  async describeService() {
    const { services = [] } = await new ECSClient(this.config).send(
      new DescribeServicesCommand({ cluster: SERVICE.cluster, services: [SERVICE.service] }),
    );
    return services[0];
  }

  async scaleTo(desiredCount: number) {
    await new ECSClient(this.config).send(new UpdateServiceCommand({ ...SERVICE, desiredCount }));
    await waitUntil(`${desiredCount} tasks`, async () => {
      const { runningCount, deployments = [] } = (await this.describeService()) ?? {};
      return runningCount === desiredCount && deployments[0]?.rolloutState === "COMPLETED";
    });
  }

  async get(path: string) {
    const response = await fetch(`${this.url}${path}`);
    return { status: response.status, text: await response.text() };
  }

  /**
   * Deploys an image that cannot serve, and expects that the running one goes on.
   *
   * @returns what the deploy says
   */
  async failedDeploy(image: string) {
    const running = (await this.describeService())?.taskDefinition;
    const { exitCode, output } = await this.run("deploy", "--image-tag", image, "--auto-approve");
    expect([exitCode, output]).toEqual([
      1,
      expect.stringMatching(/The new tasks failed and ECS rolled the\s+service back/),
    ]);
    expect((await this.describeService())?.taskDefinition).toBe(running);
    expect(await this.get("/health")).toMatchObject({ status: 200 });
    return output;
  }

  async dispose() {
    await this.platform.aws.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function synthesize(
  network: Network,
  outdir: string,
  change: { deletionProtection?: boolean } = {},
) {
  const scaling = { desiredCount: 1, minCapacity: 1, maxCapacity: 2, targetCpuPercent: 60 };
  const unauthenticated = "The page is for everybody.";
  const app = new App({ outdir });
  addStates(app, {
    platform: flask,
    environment: { ...local(network), scaling, unauthenticated, ...change },
  });
  app.synth();
}
