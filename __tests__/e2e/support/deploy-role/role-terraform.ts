import { cpSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { childEnv } from "../../../../local/child-env";
import { environmentVariables, type LocalAws } from "../../../../local/emulator/aws";
import type { StartedPlatform } from "../../../../local/start";
import { withProvider } from "../../../../delivery/terraform/provider";
import { Terraform } from "../../../../delivery/terraform/terraform";

/** Runs Terraform on the states of a platform with the credentials of a role. */
export class RoleTerraform {
  constructor(
    private readonly platform: StartedPlatform,
    private readonly who: LocalAws,
  ) {}

  get env(): NodeJS.ProcessEnv {
    return childEnv({
      ...this.platform.terraformEnv,
      ...environmentVariables(this.who),
      TF_VAR_image_tag: this.platform.images.get("inventory") ?? "",
    });
  }

  /** @param state the name without its environment */
  directory(state: string) {
    return join(this.platform.layout.states, "stacks", `dev-${state}`);
  }

  async plan(state: string) {
    await this.run(state, "plan", "-input=false", "-lock=false");
  }

  /** Applies without refreshing first. */
  async apply(state: string, ...args: readonly string[]) {
    await this.run(state, ...APPLY, "-refresh=false", ...args);
  }

  async replace(state: string, resource: string) {
    await this.apply(state, `-replace=${resource}`);
  }

  async destroy(state: string) {
    await this.run(state, "destroy", "-input=false", "-auto-approve", "-lock-timeout=60s");
  }

  /** Creates one resource and its dependencies as on the first deploy, with an empty state. */
  async create(state: string, resource: string) {
    const directory = await this.fromNothing(state);
    rmSync(join(directory, STATE_FILE), { force: true });
    await this.runIn(directory, ...APPLY, `-target=${resource}`);
  }

  private async fromNothing(state: string) {
    const directory = join(this.platform.layout.run, "from-nothing", state);
    if (existsSync(directory)) return directory;
    const isState = (file: string) => basename(file) !== ".terraform";
    cpSync(this.directory(state), directory, { recursive: true, filter: isState });
    const terraform = { backend: { local: { path: STATE_FILE } } };
    writeFileSync(join(directory, "backend_override.tf.json"), JSON.stringify({ terraform }));
    await new Terraform({ directory, env: this.env }).init();
    return directory;
  }

  private async run(state: string, ...args: readonly string[]) {
    await this.runIn(this.directory(state), ...args);
  }

  /** Runs a command with a running provider, because most of the time of these tests is its start. */
  private async runIn(directory: string, ...args: readonly string[]) {
    const { provider } = this.platform.layout;
    await withProvider(provider, { directory, env: this.env }, (terraform) => terraform.run(args));
  }
}

const STATE_FILE = "nothing.tfstate";
const APPLY = ["apply", "-input=false", "-auto-approve", "-lock-timeout=0s"] as const;
