import { availableParallelism } from "node:os";
import { withProvider } from "./provider";
import type { State } from "./states";
import { Terraform } from "./terraform";
import { Turns } from "./turns";

/** What a state's plan comes to: Terraform's own summary, or its error. */
export interface StatePlan {
  readonly state: string;
  readonly outcome: "no changes" | "changes" | "error";
  /** Such as `1 to add, 0 to change, 0 to destroy`; of an error what Terraform said, whole. */
  readonly detail: string;
}

/** Plans initialized states, as many at a time as there are processors. Changes nothing, locks nothing. */
export function planStates(states: readonly State[], environment: NodeJS.ProcessEnv) {
  const turns = new Turns(availableParallelism());
  // Terraform and provider live for seconds: collecting garbage would be a fifth of their work.
  const shortLived = { GOGC: "400", ...environment };
  return Promise.all(
    states.map(async (state) => {
      const endTurn = await turns.take();
      return planState(state, shortLived).finally(endTurn);
    }),
  );
}

async function planState(
  { name, directory }: State,
  environment: NodeJS.ProcessEnv,
): Promise<StatePlan> {
  try {
    return await withProvider({ directory, environment }, async (terraform) => {
      const plan = await terraform.plan();
      return {
        state: name,
        outcome: plan.hasChanges ? "changes" : "no changes",
        detail: plan.summary,
      };
    });
  } catch (error) {
    return { state: name, outcome: "error", detail: (error as Error).message };
  }
}

/** Initializes states one after the other: side by side they would write to one plugin cache. */
export async function initStates(states: readonly State[], environment: NodeJS.ProcessEnv) {
  for (const { directory } of states) await new Terraform({ directory, environment }).init();
}
