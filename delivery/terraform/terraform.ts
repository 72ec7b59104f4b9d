import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface TerraformOptions {
  /** A state's folder: `cdktf.out/stacks/<environment>-<state>`. */
  readonly directory: string;
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /** Called with each line that Terraform prints on the way. */
  readonly onLine?: (line: string) => void;
  /**
   * Ends Terraform and its providers at once.
   *
   * @default - Ctrl-C reaches Terraform itself, which stops in good order
   */
  readonly signal?: AbortSignal;
}

/** Terraform ended with an error; the message is what it said, whole. */
class TerraformError extends Error {}

/** The Terraform CLI in one folder: never asks, never phones home. */
export class Terraform {
  constructor(private readonly options: TerraformOptions) {}

  /** `reconfigure` forgets which backend the folder used before. */
  async init(...args: readonly string[]) {
    await this.run(["init", "-input=false", "-lockfile=readonly", ...args]);
  }

  async apply(...args: readonly string[]) {
    await this.run(["apply", "-input=false", "-auto-approve", "-lock-timeout=60s", ...args]);
  }

  /**
   * What applying would change, `text` in Terraform's words. Takes no lock, so that it never leaves
   * one.
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

  /** @throws TerraformError when it ends with another exit code than the `expected` ones */
  async run(args: readonly string[], expected: readonly number[] = [0]) {
    const { directory, env = process.env, onLine, signal } = this.options;
    signal?.throwIfAborted();
    const child = spawn("terraform", [...args], {
      cwd: directory,
      env: { ...env, ...QUIET },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that its providers end with it.
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
