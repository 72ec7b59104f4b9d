import { deployInOrder, type DeployStep } from "../../delivery/deploy/deploy-in-order";
import type { Show } from "../../delivery/deploy/progress";
import type { State } from "../../delivery/synthesized/states";
import { linkProvider, withProvider } from "../../delivery/terraform/provider";
import type { Terraform } from "../../delivery/terraform/terraform";

export interface DeployOptions {
  readonly states: readonly State[];
  /** The folder that `installProvider` has installed the provider in. */
  readonly provider: string;
  /**
   * Returns the `env` of a state's Terraform processes: the AWS endpoint, the credentials and the `TF_VAR_` variables.
   * It is called when the deploy of the state begins.
   */
  readonly env: (state: State) => NodeJS.ProcessEnv;
  /** Stops Terraform immediately. */
  readonly signal: AbortSignal;
  /** Resolves when the deploy of a state can begin. @default - when its dependencies are deployed */
  readonly ready?: (state: State) => Promise<void>;
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
  const { states, provider, env, signal, ready, deploy = initAndApply } = options;
  const deployOne = (state: State, { show, onLine }: DeployStep) => {
    const { directory } = state;
    // The folder is complete after the deploy, so that every command of the Terraform CLI works in it.
    linkProvider(provider, directory);
    return withProvider(provider, { directory, env: env(state), signal, onLine }, (terraform) =>
      deploy(state, terraform, show),
    );
  };
  return deployInOrder(states, deployOne, ready);
}

export async function initAndApply(_state: State, terraform: Terraform) {
  await terraform.init();
  await terraform.apply();
}
