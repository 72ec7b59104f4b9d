import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { hasSeveralProviders } from "../synthesized/config";
import { LOCK_FILE, lockedVersion } from "./lock-file";
import { Terraform, type TerraformOptions } from "./terraform";

const PROVIDERS = join(".terraform", "providers");

/**
 * Makes Terraform install the locked AWS provider in a folder and check it against the lock file. This is most of the
 * work of an `init`, and it is the same for all states.
 *
 * @param directory a folder for nothing else, which is created
 */
export async function installProvider(directory: string, env?: NodeJS.ProcessEnv) {
  mkdirSync(directory, { recursive: true });
  cpSync(LOCK_FILE, join(directory, basename(LOCK_FILE)));
  const aws = { source: "hashicorp/aws", version: lockedVersion() };
  const config = JSON.stringify({ terraform: { required_providers: { aws } } });
  writeFileSync(join(directory, "main.tf.json"), config);
  await new Terraform({ directory, env }).init();
}

/** Gives a state's folder the installed provider, as `terraform init` would do. */
export function linkProvider(installed: string, directory: string) {
  const link = join(directory, PROVIDERS);
  mkdirSync(join(link, ".."), { recursive: true });
  rmSync(link, { recursive: true, force: true });
  symlinkSync(resolve(installed, PROVIDERS), link);
}

/**
 * Starts the AWS provider, calls `use` with a Terraform that uses this running provider, and ends the provider.
 *
 * Otherwise Terraform starts the provider again for each step of a command. The AWS provider has 700 MB, and each
 * start takes a good part of a second of CPU time. `terraform init` neither installs nor checks a running provider.
 *
 * A running provider has one configuration, and a second one would replace it. So Terraform itself starts the provider
 * for a state that uses it for several regions. An apply configures its provider twice, and the second time fails when
 * `AWS_CA_BUNDLE` is set.
 *
 * @param installed the folder that `installProvider` has installed the provider in
 * @see https://developer.hashicorp.com/terraform/plugin/debugging#starting-a-provider-in-debug-mode
 */
export async function withProvider<T>(
  installed: string,
  options: TerraformOptions,
  use: (terraform: Terraform) => Promise<T>,
): Promise<T> {
  const { directory } = options;
  if (hasSeveralProviders(directory)) return use(new Terraform(options));
  // Terraform and the provider run for a short time. With Go's default, a fifth of their work is garbage collection.
  const env = { GOGC: "400", ...(options.env ?? process.env) };
  const provider = findProvider(installed);
  const running = spawn(provider, ["-debug"], {
    cwd: directory,
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const end = () => running.kill("SIGKILL");
  process.once("exit", end);
  try {
    const reattach = await new Promise<string>((resolve, reject) => {
      createInterface(running.stdout).on("line", (line) => {
        const attach = /TF_REATTACH_PROVIDERS='(?<value>.*)'/.exec(line)?.groups?.value;
        if (attach !== undefined) resolve(attach);
      });
      running.once("error", reject);
      running.once("exit", (code) => {
        reject(new Error(`${provider} ended with exit code ${code} while it started`));
      });
    });
    const attached = { ...env, TF_REATTACH_PROVIDERS: reattach };
    return await use(new Terraform({ ...options, env: attached }));
  } finally {
    process.removeListener("exit", end);
    end();
  }
}

/** Finds the provider's executable, which `terraform init` wrote or linked as `<version>/<platform>/<file>`. */
function findProvider(directory: string) {
  const root = resolve(directory, PROVIDERS, "registry.terraform.io", "hashicorp", "aws");
  const file = readdirSync(root)
    .flatMap((version) => readdirSync(join(root, version)).map((target) => join(version, target)))
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
    .find((path) => basename(path).startsWith("terraform-provider-aws"));
  if (file === undefined) {
    throw new Error(`${root} has no AWS provider: run terraform init in ${directory} first`);
  }
  return join(root, file);
}
