import { uncut } from "../interrupt";
import type { Images } from "../images/service-images";
import { imageVariable, planEnvironment } from "../plan/plan-environment";
import { differences } from "../report/compare";
import type { Report, StateReport } from "../report/report";
import { isBackend, isDynamodb, isEcr, isService, type State } from "../synthesized/states";
import { type Deploy, deployPlanned } from "./cdktf";
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
  /** What was approved. */
  readonly approved: Report;
  readonly records: DeployRecords;
}

/**
 * Applies planned states, each after those that it depends on, and shows what each is doing.
 *
 * The plan of a state comes before what its dependencies change: when they do, it is planned again
 * and compared with what was approved again.
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
      throw new Error(`${state.name} waits for ${report.detail}: deploy that too`);
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
      console.error("Interrupted: Terraform ends what it is doing and gives back its locks");
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

/** Nothing else is written while the backend that it is written to changes. */
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

/** @throws when a plan is not the one that was approved, with all that differs */
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

/** What to do when the deploy role may not change what keeps data. */
function dataRoleHint(states: readonly State[], { message }: Error) {
  const refused = states.find(
    (state) =>
      (isBackend(state) || isEcr(state) || isDynamodb(state)) &&
      message.includes(`cdktf deploy ${state.name} failed`) &&
      /AccessDenied|not authorized/.test(message),
  );
  if (!refused) return "";
  return `

${refused.name} keeps data. In a protected environment an administrator changes it under the data role, and so the backend everywhere: docs/runbook.md, "Tables and repositories of a protected environment".`;
}

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
