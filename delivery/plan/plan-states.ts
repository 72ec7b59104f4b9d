import { cpSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { findProvider, withProvider } from "../terraform/provider";
import type { StateReport } from "../report/report";
import { CONFIG_FILE } from "../synthesized/config";
import type { State } from "../synthesized/states";
import type { StateObjects } from "../backend/state-objects";
import { producersOf } from "../synthesized/config";
import { Terraform } from "../terraform/terraform";
import { Turns } from "../deploy/turns";
import { planState } from "./plan-state";

export interface PlanStatesOptions {
  readonly states: readonly State[];
  /** The environment's states, or nothing while it has no backend: it is planned from nothing then. */
  readonly existing: StateObjects | undefined;
  /** The provider's program, as `installProvider` gives it. */
  readonly provider: string;
  /** A folder that is removed afterwards. */
  readonly scratch: string;
  /** Of Terraform's processes for a state: where AWS is, its credentials, the `TF_VAR_`s. */
  readonly env: (state: State) => NodeJS.ProcessEnv;
  /** Told of each state as its plan is there. */
  readonly onPlanned?: (report: StateReport) => void;
}

/**
 * Plans states, as many at a time as there are processors. Changes nothing and locks nothing, so
 * that the right to read is enough and no lock is ever left. The plan of a state that has changes
 * stays in its folder.
 */
export function planStates(options: PlanStatesOptions): Promise<StateReport[]> {
  const { states, existing, provider, scratch, env, onPlanned } = options;
  const roots = existing ? states : states.map((state) => withoutBackend(state, scratch));
  // One more than there are processors, as each now and then waits for AWS.
  const turns = new Turns(availableParallelism() + 1);
  return Promise.all(
    roots.map(async (state) => {
      const endTurn = await turns.take();
      const report = await missingProducer(state, existing)
        .then((missing) => (missing ? waits(state, missing) : plan(state, provider, env(state))))
        .catch((error: unknown) => failed(state, error))
        .finally(endTurn);
      onPlanned?.(report);
      return report;
    }),
  );
}

function plan(state: State, provider: string, env: NodeJS.ProcessEnv) {
  const { directory } = state;
  // Terraform and provider live for seconds: collecting garbage would be a fifth of their work.
  const shortLived = { GOGC: "400", ...env };
  return withProvider(provider, { directory, env: shortLived }, async (terraform) => {
    await terraform.init("-reconfigure");
    return planState(state.name, terraform);
  });
}

/**
 * Has Terraform install the provider in a folder of its own, and check it against the lock file: half
 * of what an `init` takes, and the same for all states.
 */
export async function installProvider([first]: readonly State[], scratch: string) {
  if (!first) throw new Error("no states to plan");
  const { directory } = withoutBackend(first, join(scratch, "provider"));
  await new Terraform({ directory }).init();
  return findProvider(directory);
}

/** A copy of a state's folder with an empty state of its own. */
function withoutBackend(state: State, scratch: string): State {
  const directory = join(scratch, basename(state.directory));
  for (const file of [CONFIG_FILE, ".terraform.lock.hcl"]) {
    cpSync(join(state.directory, file), join(directory, file));
  }
  const override = JSON.stringify({ terraform: { backend: { local: {} } } });
  writeFileSync(join(directory, "backend_override.tf.json"), override);
  return { ...state, directory };
}

/** The first state whose outputs it reads, and that has none. */
async function missingProducer(state: State, existing: StateObjects | undefined) {
  for (const { name, key } of producersOf(state)) {
    if (!(await existing?.outputs(key))) return name;
  }
  return undefined;
}

const waits = (state: State, producer: string): StateReport => ({
  ...empty(state),
  outcome: "waits",
  detail: producer,
});

const failed = (state: State, error: unknown): StateReport => ({
  ...empty(state),
  outcome: "error",
  detail: error instanceof Error ? error.message : String(error),
});

const empty = ({ name }: State) => ({ state: name, changes: [], plan: "" });
