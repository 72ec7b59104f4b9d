import { cpSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { withProvider } from "../terraform/provider";
import type { StateReport } from "../report/report";
import { CONFIG_FILE } from "../synthesized/config";
import type { State } from "../synthesized/states";
import type { StateObjects } from "../backend/state-objects";
import { producersOf } from "../synthesized/config";
import { Turns } from "../deploy/turns";
import { planState } from "./plan-state";

export interface PlanStatesOptions {
  readonly states: readonly State[];
  /** The environment's states; `undefined` while it has no backend. Every state is then planned as if it were new. */
  readonly existing: StateObjects | undefined;
  /** The folder that `installProvider` has installed the provider in. */
  readonly provider: string;
  /** A folder for temporary files, which the caller removes. */
  readonly scratch: string;
  /** Returns the `env` of Terraform for a state: AWS's endpoint and credentials, and the `TF_VAR_` variables. */
  readonly env: (state: State) => NodeJS.ProcessEnv;
  /** Called with the report of each state as soon as it is planned. */
  readonly onPlanned?: (report: StateReport) => void;
}

/**
 * Plans states, several at a time. It changes nothing and takes no lock, so permission to read is enough and no lock
 * can be left behind. The plan file of a state that has changes stays in the state's folder.
 */
export function planStates(options: PlanStatesOptions): Promise<StateReport[]> {
  const { states, existing, provider, scratch, env, onPlanned } = options;
  const roots = existing ? states : states.map((state) => withoutBackend(state, scratch));
  // One more state is planned at a time than there are processors, because each plan sometimes waits for AWS.
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
  return withProvider(provider, { directory: state.directory, env }, async (terraform) => {
    await terraform.init("-reconfigure");
    return planState(state.name, terraform);
  });
}

/** Copies a state's folder and gives the copy a local backend with an empty state. */
function withoutBackend(state: State, scratch: string): State {
  const directory = join(scratch, basename(state.directory));
  for (const file of [CONFIG_FILE, ".terraform.lock.hcl"]) {
    cpSync(join(state.directory, file), join(directory, file));
  }
  const override = JSON.stringify({ terraform: { backend: { local: {} } } });
  writeFileSync(join(directory, "backend_override.tf.json"), override);
  return { ...state, directory };
}

/** The first state without outputs among those whose outputs this state reads. */
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
