import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { LOCAL_ACCOUNT, LOCAL_REGION } from "../../../environments/local";
import { environmentVariables } from "../../../local/emulator/aws";
import { childEnv } from "../../../local/child-env";
import { createFoundation } from "../../../local/deploy/foundation";
import { providerSource } from "../../../delivery/terraform/provider-source";
import { type RunningAws, startLocalAws } from "../../../local/local-aws";
import { publishImage } from "../../../local/images/publish-image";
import { LOCAL_DELIVERY, synthesizeLocal } from "./local-inventory";
import { TestProcess } from "./processes";
import { synthesizedApp } from "../../support/synthesized-app";
import { WHOLE_FOLDER } from "./test-image";

/** A local AWS with its Day-0, and the synthesized states of `local`. Nothing is deployed yet. */
export class Deployable {
  /** The folder of the synthesized output. */
  readonly output: string;

  private constructor(
    readonly folder: string,
    readonly aws: RunningAws,
  ) {
    this.output = join(folder, "cdktf.out");
  }

  static async prepare() {
    const folder = mkdtempSync(join(tmpdir(), "deployable-"));
    const aws = await startLocalAws({
      accountId: LOCAL_ACCOUNT,
      region: LOCAL_REGION,
      python: "python3",
      imagesDirectory: join(folder, "images"),
      logsDirectory: join(folder, "logs"),
    });
    const deployable = new Deployable(folder, aws);
    mkdirSync(deployable.output);
    synthesizeLocal(await createFoundation(aws, LOCAL_DELIVERY), deployable.output);
    return deployable;
  }

  get env(): NodeJS.ProcessEnv {
    return childEnv({
      ...environmentVariables(this.aws),
      ...providerSource({ directory: this.folder }),
    });
  }

  stateFolder(state: string) {
    return join(this.output, "stacks", `local-${state}`);
  }

  /** Starts a script of the project for `local`, like its npm script after the synth. */
  start(script: string, ...args: readonly string[]) {
    return new TestProcess(
      process.execPath,
      ["--import", "tsx", `scripts/${script}.ts`, "local", ...synthesizedApp(this.folder), ...args],
      { env: this.env },
    );
  }

  /** Runs a script and waits until it ends. */
  async run(script: string, ...args: readonly string[]) {
    const started = this.start(script, ...args);
    return { exitCode: await started.ended(), output: started.output };
  }

  async bootstrap() {
    const bootstrap = new TestProcess(
      resolve("node_modules/.bin/tsx"),
      [resolve("scripts/bootstrap.ts"), "local"],
      { env: this.env, cwd: this.folder },
    );
    return { exitCode: await bootstrap.ended(), output: bootstrap.output };
  }

  /** Builds an image from a folder and pushes it to the platform's repository. */
  async publish(tag: string, root = resolve(".")) {
    await publishImage({
      aws: this.aws,
      repositoryUrl: `${LOCAL_ACCOUNT}.dkr.ecr.${LOCAL_REGION}.amazonaws.com/inventory-local`,
      tag,
      root,
      source: WHOLE_FOLDER,
      imagesDirectory: join(this.folder, "images"),
    });
  }

  async dispose() {
    await this.aws.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
