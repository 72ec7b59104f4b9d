import { availableParallelism } from "node:os";
import { Terraform } from "../../delivery/terraform/terraform";
import { Turns } from "../../delivery/deploy/turns";
import { resourceEvent, type Show, stepsSideBySide } from "../../delivery/deploy/progress";

import type { State } from "../../delivery/synthesized/states";
import { inDependencyOrder } from "../../delivery/deploy/dependency-order";

export interface DeployOptions {
  readonly states: readonly State[];
  /**
   * Of Terraform's processes: where AWS is, its credentials, the `TF_VAR_`s. It is asked for when the
   * deploy of a state begins.
   */
  readonly environment: (state: State) => NodeJS.ProcessEnv;
  /** Ends Terraform at once. */
  readonly signal: AbortSignal;
  /** What a deploy of one state is. @default initAndApply */
  readonly deploy?: (state: State, terraform: Terraform, show: Show) => Promise<void>;
}

/**
 * Deploys states in the order of their dependencies and shows what each does at the moment.
 *
 * @throws the error of the first state that failed, once all others have ended
 */
export async function deployStates(options: DeployOptions) {
  const { states, environment, signal, deploy = initAndApply } = options;
  const shows = new Map<string, Show>();
  // Terraform plans with all its processor time and then waits for AWS: plans in turn, waits together.
  const turns = new Turns(availableParallelism());
  const results = inDependencyOrder(states, async (state) => {
    const endTurn = await turns.take();
    const show = (what: string) => shows.get(state.name)?.(what);
    const onLine = (line: string) => {
      const event = resourceEvent(line);
      if (!event) return;
      endTurn();
      show(event);
    };
    const terraform = new Terraform({
      directory: state.directory,
      environment: environment(state),
      signal,
      onLine,
    });
    await deploy(state, terraform, show).finally(endTurn);
  });
  await stepsSideBySide(
    states.map(({ name }) => ({
      title: name,
      run: async (show) => {
        shows.set(name, show);
        await results.get(name);
      },
    })),
  );
}

export async function initAndApply(_state: State, terraform: Terraform) {
  await terraform.init();
  await terraform.apply();
}
