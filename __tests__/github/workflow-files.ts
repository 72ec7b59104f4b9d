import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";

export interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

export type Permissions = Readonly<Record<string, "read" | "write">>;

export interface Job {
  readonly permissions?: Permissions;
  readonly "timeout-minutes"?: number;
  readonly concurrency?: { readonly group: string };
  readonly environment?: string | { readonly name: string };
  /** The reusable workflow that the job calls. */
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly needs?: string | readonly string[];
  readonly strategy?: { readonly matrix?: Readonly<Record<string, unknown>> };
  readonly steps?: readonly Step[];
}

export interface Workflow {
  readonly on: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
  readonly permissions?: Permissions;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": boolean };
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Action {
  readonly runs: { readonly steps: readonly Step[] };
}

const WORKFLOWS = join(".github", "workflows");
const ACTIONS = join(".github", "actions");

/** The content of each workflow by file name. */
export const workflows = new Map(
  readdirSync(WORKFLOWS).map((file) => [file, read(join(WORKFLOWS, file)) as Workflow]),
);

export const actions = new Map(
  readdirSync(ACTIONS).map((name) => [name, read(join(ACTIONS, name, "action.yml")) as Action]),
);

/** The text of every workflow and action, as `[file, text]`. */
export const texts = [
  ...[...workflows.keys()].map((file) => join(WORKFLOWS, file)),
  ...[...actions.keys()].map((name) => join(ACTIONS, name, "action.yml")),
].map((file) => [file, readFileSync(file, "utf8")] as const);

/** `[<file> <job>, job]` of every workflow. */
export const jobs = [...workflows].flatMap(([file, workflow]) =>
  Object.entries(workflow.jobs).map(([name, job]) => [`${file} ${name}`, job] as const),
);

export const steps = [
  ...jobs.flatMap(([, job]) => job.steps ?? []),
  ...[...actions.values()].flatMap((action) => action.runs.steps),
];

/** The workflow that a job calls. */
export function calledBy(job: Job) {
  const called = job.uses === undefined ? undefined : workflows.get(basename(job.uses));
  if (!called) throw new Error(`${job.uses ?? "a job without uses"} calls no workflow of ours`);
  return called;
}

function read(file: string) {
  return parse(readFileSync(file, "utf8")) as unknown;
}
