import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { findProvider, withProvider } from "../provider";
import type { StateReport } from "../report/report";
import type { State } from "../states";
import type { StateObjects } from "../state-objects";
import { producersOf } from "../synthesized";
import { Terraform } from "../terraform";
import { Turns } from "../turns";
import { planState } from "./plan-state";

export interface PlanStatesOptions {
  readonly states: readonly State[];
  /** The environment's states, or nothing while it has no backend: it is planned from nothing then. */
  readonly existing: StateObjects | undefined;
  /** Of Terraform's processes for a state: where AWS is, its credentials, the `TF_VAR_`s. */
  readonly environment: (state: State) => NodeJS.ProcessEnv;
  /** Told of each state as its plan is there. */
  readonly onPlanned?: (report: StateReport) => void;
}

/**
 * Plans states, as many at a time as there are processors. Changes nothing and locks nothing, so
 * that the right to read is enough and no lock is ever left. The plan of a state that has changes
 * stays in its folder.
 */
export async function planStates(options: PlanStatesOptions): Promise<StateReport[]> {
  const { states, existing, environment, onPlanned } = options;
  const scratch = mkdtempSync(join(tmpdir(), "plan-"));
  try {
    const roots = existing ? states : states.map((state) => withoutBackend(state, scratch));
    const provider = await installProvider(roots, environment);
    const turns = new Turns(availableParallelism());
    return await Promise.all(
      roots.map(async (state) => {
        const endTurn = await turns.take();
        const report = await missingProducer(state, existing)
          .then((missing) =>
            missing ? waits(state, missing) : plan(state, provider, environment(state)),
          )
          .catch((error: unknown) => failed(state, error))
          .finally(endTurn);
        onPlanned?.(report);
        return report;
      }),
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function plan(state: State, provider: string, environment: NodeJS.ProcessEnv) {
  const { directory } = state;
  // Terraform and provider live for seconds: collecting garbage would be a fifth of their work.
  const shortLived = { GOGC: "400", ...environment };
  return withProvider(provider, { directory, environment: shortLived }, async (terraform) => {
    await terraform.init("-reconfigure");
    return planState(state.name, terraform);
  });
}

/**
 * Has Terraform install the provider in one folder, and check it against the lock file: half of what
 * an `init` takes, and the same for all states.
 */
async function installProvider(
  [first]: readonly State[],
  environment: PlanStatesOptions["environment"],
) {
  if (!first) throw new Error("no states to plan");
  const { directory } = first;
  await new Terraform({ directory, environment: environment(first) }).init("-reconfigure");
  return findProvider(directory);
}

/** A copy of a state's folder with an empty state of its own. */
function withoutBackend(state: State, scratch: string): State {
  const directory = join(scratch, basename(state.directory));
  for (const file of ["cdk.tf.json", ".terraform.lock.hcl"]) {
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
