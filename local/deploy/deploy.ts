import { deployInOrder } from "../../delivery/deploy/deploy-in-order";
import type { Show } from "../../delivery/deploy/progress";
import type { State } from "../../delivery/synthesized/states";
import { Terraform } from "../../delivery/terraform/terraform";

export interface DeployOptions {
  readonly states: readonly State[];
  /**
   * The `env` of Terraform's processes: where AWS is, its credentials, the `TF_VAR_`s. It is asked for when
   * the deploy of a state begins.
   */
  readonly env: (state: State) => NodeJS.ProcessEnv;
  /** Ends Terraform at once. */
  readonly signal: AbortSignal;
  /** What a deploy of one state is. @default initAndApply */
  readonly deploy?: (state: State, terraform: Terraform, show: Show) => Promise<void>;
}

/**
 * Deploys states onto the local AWS without a review, each after those that it depends on.
 *
 * @throws the error of the first state that failed, once all others have ended
 */
export function deployStates(options: DeployOptions) {
  const { states, env, signal, deploy = initAndApply } = options;
  return deployInOrder(states, (state, { show, onLine }) => {
    const { directory } = state;
    const terraform = new Terraform({ directory, env: env(state), signal, onLine });
    return deploy(state, terraform, show);
  });
}

export async function initAndApply(_state: State, terraform: Terraform) {
  await terraform.init();
  await terraform.apply();
}
