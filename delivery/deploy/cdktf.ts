import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { PLAN_FILE } from "../plan/plan-state";
import type { State } from "../synthesized/states";

const PROJECT = join(__dirname, "..", "..");
const CDKTF = join(PROJECT, "node_modules", ".bin", "cdktf");

/** A running `cdktf deploy`. */
export interface Deploy {
  /** Rejects with the end of cdktf's output when the deploy failed or was interrupted. */
  readonly done: Promise<void>;
  /** Makes Terraform finish its current operations, write its state and release its lock. */
  readonly interrupt: () => void;
}

/**
 * Applies the plan file in a state's folder. Terraform refuses a plan that is stale.
 *
 * @param output the folder of the synthesized output
 */
export function deployPlanned(
  state: State,
  output: string,
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void,
): Deploy {
  const args = ["deploy", state.name, "--skip-synth", "--ignore-missing-stack-dependencies"];
  const child = spawn(CDKTF, [...args, "--output", resolve(output)], {
    cwd: PROJECT,
    env: {
      ...env,
      CI: "true",
      CHECKPOINT_DISABLE: "1",
      // Otherwise cdktf makes all deploys that run at the same time write to one plugin cache, which Terraform
      // does not lock.
      CDKTF_DISABLE_PLUGIN_CACHE_ENV: "1",
      FORCE_COLOR: "0",
      // Otherwise Terraform waits for ever for the value of a missing variable.
      TF_INPUT: "0",
      TF_CLI_ARGS_init: "-lockfile=readonly -no-color",
      // A plan file needs no approval. It is the last argument on Terraform's command line.
      TF_CLI_ARGS_apply: `-no-color -lock-timeout=5m ${PLAN_FILE}`,
    },
    stdio: ["ignore", "pipe", "pipe"],
    // cdktf runs in a session of its own, because Ctrl-C would end it before Terraform ends.
    detached: true,
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on("line", (line) => {
      const text = withoutPrefix(state.name, line);
      said.push(text);
      onLine(text.trim());
    });
  }
  const done = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`cdktf deploy ${state.name} failed\n${lastWords(said)}`));
    });
  });
  return {
    done,
    interrupt: () => {
      interruptTerraforms(child, done);
    },
  };
}

/**
 * Interrupts each Terraform process that cdktf runs now or starts before it ends. Each gets only one interrupt,
 * because a second one would make Terraform stop at once.
 */
function interruptTerraforms({ pid }: ChildProcess, done: Promise<void>) {
  const interrupted = new Set<number>();
  const interrupt = () => {
    for (const terraform of terraformsBelow(pid)) {
      if (interrupted.has(terraform)) continue;
      interrupted.add(terraform);
      process.kill(terraform, "SIGINT");
    }
  };
  interrupt();
  const timer = setInterval(interrupt, 200);
  const end = () => {
    clearInterval(timer);
  };
  done.then(end, end);
}

/** When cdktf prints several lines at once, it puts the state's name before the first of them. */
const withoutPrefix = (name: string, line: string) =>
  (line.startsWith(name) ? line.slice(name.length) : line).replace(ESCAPES, "").trimEnd();

// eslint-disable-next-line no-control-regex -- the escape sequences for colors begin with a control character
const ESCAPES = /\u001b\[[\d;]*m/g;

/** Returns the output from Terraform's error on, or the last 20 lines when there is no error. */
function lastWords(said: readonly string[]) {
  const error = said.findIndex((line) => /^\W*Error: /.test(line));
  return (error < 0 ? said.slice(-20) : said.slice(error)).join("\n");
}

/** The ids of the Terraform processes among the descendants of a process. */
function terraformsBelow(ancestor: number | undefined): number[] {
  const processes = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/, 3))
    .map(([pid, ppid, command]) => ({ pid: Number(pid), ppid: Number(ppid), command }));
  const below = (parent: number | undefined): typeof processes =>
    processes
      .filter(({ ppid }) => ppid === parent)
      .flatMap((child) => [child, ...below(child.pid)]);
  return below(ancestor)
    .filter(({ command = "" }) => /(^|\/)terraform$/.test(command))
    .map(({ pid }) => pid);
}
