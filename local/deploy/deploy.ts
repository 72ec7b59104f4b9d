import { deployInOrder } from "../../delivery/deploy/deploy-in-order";
import type { Show } from "../../delivery/deploy/progress";
import type { State } from "../../delivery/synthesized/states";
import { Terraform } from "../../delivery/terraform/terraform";

export interface DeployOptions {
  readonly states: readonly State[];
  /**
   * Returns the `env` of a state's Terraform processes: the AWS endpoint, the credentials and the `TF_VAR_` variables.
   * It is called when the deploy of the state begins.
   */
  readonly env: (state: State) => NodeJS.ProcessEnv;
  /** Stops Terraform immediately. */
  readonly signal: AbortSignal;
  /** Deploys one state. @default initAndApply */
  readonly deploy?: (state: State, terraform: Terraform, show: Show) => Promise<void>;
}

/**
 * Deploys states onto the local AWS without a review of the plans. Each state is deployed after those that it
 * depends on.
 *
 * @throws the error of the first state that failed, after all others have ended
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
