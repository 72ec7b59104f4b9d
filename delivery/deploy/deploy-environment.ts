import { uncut } from "../interrupt";
import type { Images } from "../images/service-images";
import { imageVariable, planEnvironment } from "../plan/plan-environment";
import { differences } from "../report/compare";
import type { Report, StateReport } from "../report/report";
import { isBackend, isService, type State } from "../synthesized/states";
import { type Deploy, deployPlanned } from "./cdktf";
import { dataRoleHint } from "./data-role-hint";
import { deployInOrder, type DeployStep } from "./deploy-in-order";
import type { DeployRecords } from "./deploy-records";
import type { Show } from "./progress";
import { whyTasksFailed } from "./service-events";

export interface DeployEnvironmentOptions {
  readonly environment: string;
  readonly states: readonly State[];
  /** The image of each service. */
  readonly images: Images;
  /** Folder of the synthesized output. */
  readonly output: string;
  /** The plans whose files are in the states' folders. A state that was not planned has no changes. */
  readonly planned: Report;
  /** The report of the plans that were approved. */
  readonly approved: Report;
  readonly records: DeployRecords;
}

/**
 * Applies the plans of states, each after the states that it depends on, and shows the progress of each.
 *
 * All states were planned before any of them was applied. So when a dependency of a state has changed, the state is
 * planned again, and the new plan is compared with the approved one.
 *
 * @throws one error that says what was deployed, what was not and why, and what to do next
 */
export async function deployEnvironment(options: DeployEnvironmentOptions) {
  const { states, planned, output } = options;
  const interrupt = new AbortController();
  const running = new Set<Deploy>();
  const changed = new Set<string>();
  const deployed: string[] = [];

  const deploy = async (state: State, { show, onLine }: DeployStep) => {
    interrupt.signal.throwIfAborted();
    const isStale = state.dependencies.some((name) => changed.has(name));
    const report = isStale ? await planAgain(state, options, show) : reportOf(planned, state);
    if (report?.outcome === "waits") {
      throw new Error(`${state.name} waits for ${report.detail}: deploy ${report.detail} too`);
    }
    if (report?.outcome !== "changes") return;
    changed.add(state.name);
    await options.records.forget(state);
    interrupt.signal.throwIfAborted();
    const env = { ...process.env, ...imageVariable(state, options.images) };
    const begin = new Date();
    const cdktf = deployPlanned(state, output, env, onLine);
    running.add(cdktf);
    await cdktf.done
      .finally(() => running.delete(cdktf))
      .catch(async (error: unknown) => {
        const why = isService(state) ? await whyTasksFailed(state, begin) : "";
        throw new Error(`${(error as Error).message}${why}`, { cause: error });
      });
    deployed.push(state.name);
    await options.records.keepApplied(state);
  };

  await uncut(
    () => {
      console.error(
        "Interrupted: Terraform finishes its current operations and releases its locks",
      );
      interrupt.abort(new Error("not deployed: interrupted"));
      for (const { interrupt } of running) interrupt();
    },
    () =>
      deployInOrder(backendFirst(states), deploy).catch((error: unknown) => {
        throw new Error(summary(options, deployed, error as Error), { cause: error });
      }),
  );
  return deployed;
}

/** Makes every state wait for the backend, so that no state is written while its backend changes. */
function backendFirst(states: readonly State[]): State[] {
  const backends = states.filter(isBackend).map(({ name }) => name);
  return states.map((state) =>
    isBackend(state) ? state : { ...state, dependencies: [...state.dependencies, ...backends] },
  );
}

async function planAgain(state: State, options: DeployEnvironmentOptions, show: Show) {
  show("planning again, because a state that it depends on has changed");
  const { environment, images, approved, records } = options;
  await records.note(state);
  const planned = await planEnvironment({ environment, states: [state], images });
  refuseDifferences(approved, planned.states);
  await records.keepPlanned([state], planned);
  return planned.states[0];
}

/** @throws when a plan differs from the approved one; the message lists the differences */
export function refuseDifferences(approved: Report, now: readonly StateReport[]) {
  const found = now.flatMap((state) =>
    differences(reportOf(approved, { name: state.state }), state),
  );
  if (found.length === 0) return;
  throw new Error(
    `The plan is not the one that was reviewed:\n${found.map((line) => `  ${line}`).join("\n")}`,
  );
}

const reportOf = ({ states }: Report, { name }: Pick<State, "name">) =>
  states.find(({ state }) => state === name);

function summary(
  { states, environment }: DeployEnvironmentOptions,
  deployed: readonly string[],
  error: Error,
) {
  const rest = states.map(({ name }) => name).filter((name) => !deployed.includes(name));
  return `${error.message}${dataRoleHint(states, error)}

Deployed: ${deployed.join(", ") || "nothing"}
Not deployed, or without a change: ${rest.join(", ")}
Next: fix the cause, then plan and deploy ${environment} again, which continues where this one ended (docs/runbook.md, "A deploy failed").`;
}
