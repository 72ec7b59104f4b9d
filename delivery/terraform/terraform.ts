import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface TerraformOptions {
  /** A state's folder: `cdktf.out/stacks/<environment>-<state>`. */
  readonly directory: string;
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /** Called with each line that Terraform prints, while it runs. */
  readonly onLine?: (line: string) => void;
  /**
   * Kills Terraform and its providers at once.
   *
   * @default - Ctrl-C reaches Terraform itself, which finishes its current operations
   */
  readonly signal?: AbortSignal;
}

/** Terraform ended with an error. The message contains its stderr, or the last 20 lines of its stdout. */
class TerraformError extends Error {}

/** The Terraform CLI in one folder. It never asks for input and never checks for new versions. */
export class Terraform {
  constructor(private readonly options: TerraformOptions) {}

  /** With `-reconfigure`, Terraform ignores the backend that the folder used before. */
  async init(...args: readonly string[]) {
    await this.run(["init", "-input=false", "-lockfile=readonly", ...args]);
  }

  async apply(...args: readonly string[]) {
    await this.run(["apply", "-input=false", "-auto-approve", "-lock-timeout=60s", ...args]);
  }

  /**
   * Plans the state and returns Terraform's description of the changes as `text`. It takes no lock, so it cannot leave
   * one behind.
   */
  async plan(...args: readonly string[]) {
    const plan = ["plan", "-input=false", "-lock=false", "-detailed-exitcode", ...args];
    const { exitCode, stdout } = await this.run(plan, [0, 2]);
    const text =
      /^(Terraform used the selected|Terraform will perform|Changes to Outputs)[^]*?(?=\n─|$(?![^]))/m.exec(
        stdout,
      );
    return { hasChanges: exitCode === 2, text: text?.[0].trim() ?? "" };
  }

  async hasChanges() {
    return (await this.plan()).hasChanges;
  }

  async outputs<T>() {
    const { stdout } = await this.run(["output", "-json"]);
    const outputs = JSON.parse(stdout) as Record<string, { value: unknown }>;
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { value }]) => [name, value]),
    ) as T;
  }

  /** @throws TerraformError when Terraform ends with another exit code than the `expected` ones */
  async run(args: readonly string[], expected: readonly number[] = [0]) {
    const { directory, env = process.env, onLine, signal } = this.options;
    signal?.throwIfAborted();
    const child = spawn("terraform", [...args], {
      cwd: directory,
      env: { ...env, ...QUIET },
      stdio: ["ignore", "pipe", "pipe"],
      // Terraform gets its own process group, so that the signal can kill its providers with it.
      detached: signal !== undefined,
    });
    const kill = () => child.pid !== undefined && process.kill(-child.pid, "SIGKILL");
    signal?.addEventListener("abort", kill);
    const stdout: string[] = [];
    const stderr: string[] = [];
    createInterface(child.stdout).on("line", (line) => {
      stdout.push(line);
      if (line.trim() !== "") onLine?.(line.trim());
    });
    createInterface(child.stderr).on("line", (line) => stderr.push(line));
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    }).finally(() => signal?.removeEventListener("abort", kill));
    signal?.throwIfAborted();
    if (exitCode === null || !expected.includes(exitCode)) {
      const said = stderr.length > 0 ? stderr : stdout.slice(-20);
      throw new TerraformError(
        `terraform ${args.join(" ")} failed in ${directory}\n${said.join("\n")}`,
      );
    }
    return { exitCode, stdout: stdout.join("\n") };
  }
}

const QUIET = {
  CHECKPOINT_DISABLE: "1",
  TF_INPUT: "0",
  TF_IN_AUTOMATION: "1",
  TF_CLI_ARGS: "-no-color",
};
