import { execFile } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { State } from "../delivery/synthesized/states";
import { Terraform } from "../delivery/terraform/terraform";
import { comparePairs } from "./pairs";

const ROUNDS = 3;

export interface NewImageOptions {
  /** The state of the service, in the environment whose states have all been deployed. */
  readonly service: State;
  /** Of the commands: where AWS is, its credentials, the provider. */
  readonly env: NodeJS.ProcessEnv;
  /** Two images of the service that have been pushed, each as `<commit SHA>@<digest>`. */
  readonly images: readonly [string, string];
  /** A folder for what the sides write. */
  readonly directory: string;
  /** The folder of the app whose states are deployed. */
  readonly app: string;
}

/**
 * Deploys a new image of one service: `npm run deploy` of the environment against plain Terraform in the
 * service's state. Each side begins as on a fresh checkout.
 */
export async function benchNewImage(options: NewImageOptions) {
  const { service, env, directory, app } = options;
  const [first, second] = options.images;
  mkdirSync(directory, { recursive: true });
  const deploy = async (image: string) => {
    rmSync(join(service.directory, ".terraform"), { recursive: true, force: true });
    const args = ["--image-tag", image, "--auto-approve", "--app", app, "--synth"];
    // This process runs the tasks, so it must not wait for a command in a way that blocks it.
    await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", "scripts/deploy.ts", service.environment, ...args],
      { env: { ...env, TF_VAR_image_tag: undefined } },
    );
  };
  const terraformAlone = async (image: string) => {
    const root = join(directory, "service");
    rmSync(root, { recursive: true, force: true });
    for (const file of ["cdk.tf.json", ".terraform.lock.hcl"]) {
      cpSync(join(service.directory, file), join(root, file));
    }
    const terraform = new Terraform({
      directory: root,
      env: { ...env, TF_VAR_image_tag: image },
    });
    await terraform.init();
    await terraform.run(["plan", "-input=false", "-out=new-image.tfplan"]);
    await terraform.run(["apply", "-input=false", "new-image.tfplan"]);
  };

  // This deploy is not measured: it writes the records of the states, as the deploy before does elsewhere.
  await deploy(first);
  await comparePairs(
    "A new image of one service, npm run deploy to terraform init, plan and apply of its state (at most 1.5)",
    { name: "npm run deploy", run: () => deploy(second) },
    { name: "terraform", run: () => terraformAlone(first) },
    ROUNDS,
  );
}
