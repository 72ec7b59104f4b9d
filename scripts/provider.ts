import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { Terraform, type TerraformOptions } from "./terraform";

const PROVIDER = join(".terraform", "providers", "registry.terraform.io", "hashicorp", "aws");

/**
 * Gives `use` a Terraform whose AWS provider runs all the while, and ends the provider afterwards.
 *
 * Terraform starts its provider anew for each step of a command; this one, of 700 MB, takes a good
 * part of a second of CPU each time. The folder must be initialized.
 *
 * @see https://developer.hashicorp.com/terraform/plugin/debugging#starting-a-provider-in-debug-mode
 */
export async function withProvider<T>(
  options: TerraformOptions,
  use: (terraform: Terraform) => Promise<T>,
): Promise<T> {
  const { directory, environment = process.env } = options;
  const provider = spawn(findProvider(directory), ["-debug"], {
    cwd: directory,
    env: environment,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const end = () => provider.kill("SIGKILL");
  process.once("exit", end);
  try {
    const reattach = await new Promise<string>((resolve, reject) => {
      createInterface(provider.stdout).on("line", (line) => {
        const attach = /TF_REATTACH_PROVIDERS='(?<value>.*)'/.exec(line)?.groups?.value;
        if (attach !== undefined) resolve(attach);
      });
      provider.once("error", reject);
      provider.once("exit", (code) => {
        reject(new Error(`the AWS provider of ${directory} ended with ${code} as it started`));
      });
    });
    const attached = { ...environment, TF_REATTACH_PROVIDERS: reattach };
    return await use(new Terraform({ ...options, environment: attached }));
  } finally {
    process.removeListener("exit", end);
    end();
  }
}

/** The provider's program, where `terraform init` put or linked it: `<version>/<platform>/<file>`. */
function findProvider(directory: string) {
  const root = join(directory, PROVIDER);
  const file = readdirSync(root)
    .flatMap((version) => readdirSync(join(root, version)).map((target) => join(version, target)))
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
    .find((path) => basename(path).startsWith("terraform-provider-aws"));
  if (file === undefined) {
    throw new Error(`${root} has no AWS provider: run terraform init in ${directory} first`);
  }
  return join(root, file);
}
