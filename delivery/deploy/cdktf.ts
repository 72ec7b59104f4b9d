import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { PLAN_FILE } from "../plan/plan-state";
import type { State } from "../synthesized/states";

const PROJECT = join(__dirname, "..", "..");
const CDKTF = join(PROJECT, "node_modules", ".bin", "cdktf");

/** A `cdktf deploy` under way. */
export interface Deploy {
  /** @throws what was said last, when the deploy failed or was interrupted */
  readonly done: Promise<void>;
  /** Has Terraform end what it is doing, write its state and give back its lock. */
  readonly interrupt: () => void;
}

/**
 * Applies the plan that lies in a state's folder, as it is: Terraform refuses one that is stale.
 *
 * @param output folder of the synthesized output
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
      // cdktf would have all deploys that run side by side fill one plugin cache, which Terraform does not
      // lock.
      CDKTF_DISABLE_PLUGIN_CACHE_ENV: "1",
      FORCE_COLOR: "0",
      // It would wait for ever for a variable that is missing.
      TF_INPUT: "0",
      TF_CLI_ARGS_init: "-lockfile=readonly -no-color",
      // A plan that is given needs no approval, so the plan comes last on Terraform's command line.
      TF_CLI_ARGS_apply: `-no-color -lock-timeout=5m ${PLAN_FILE}`,
    },
    stdio: ["ignore", "pipe", "pipe"],
    // In a session of its own: on Ctrl-C it would end before Terraform does.
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
 * Interrupts each Terraform that a cdktf runs, or starts before it ends: once, as a second interrupt
 * would make it drop its work.
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

/** cdktf puts the state's name before the first of the lines that come together. */
const withoutPrefix = (name: string, line: string) =>
  (line.startsWith(name) ? line.slice(name.length) : line).replace(ESCAPES, "").trimEnd();

// eslint-disable-next-line no-control-regex -- terminals' colors begin with one
const ESCAPES = /\u001b\[[\d;]*m/g;

/** Terraform's error, or what came last if there is none. */
function lastWords(said: readonly string[]) {
  const error = said.findIndex((line) => /^\W*Error: /.test(line));
  return (error < 0 ? said.slice(-20) : said.slice(error)).join("\n");
}

/** Process ids of the Terraforms among all that a process started, and what those started. */
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
