import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { Terraform, type TerraformOptions } from "./terraform";

const PROVIDER = join(".terraform", "providers", "registry.terraform.io", "hashicorp", "aws");

/**
 * Starts the AWS provider, calls `use` with a Terraform that uses this running provider, and ends the provider.
 *
 * Otherwise Terraform starts the provider again for each step of a command. The AWS provider has 700 MB, and each
 * start takes a good part of a second of CPU time. `terraform init` neither installs nor checks a running provider, so
 * `provider` must come from a folder in which `terraform init` has done both.
 *
 * @param provider the path of the executable, which `findProvider` returns
 * @see https://developer.hashicorp.com/terraform/plugin/debugging#starting-a-provider-in-debug-mode
 */
export async function withProvider<T>(
  provider: string,
  options: TerraformOptions,
  use: (terraform: Terraform) => Promise<T>,
): Promise<T> {
  const { directory, env = process.env } = options;
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
export function findProvider(directory: string) {
  const root = resolve(directory, PROVIDER);
  const file = readdirSync(root)
    .flatMap((version) => readdirSync(join(root, version)).map((target) => join(version, target)))
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
    .find((path) => basename(path).startsWith("terraform-provider-aws"));
  if (file === undefined) {
    throw new Error(`${root} has no AWS provider: run terraform init in ${directory} first`);
  }
  return join(root, file);
}
