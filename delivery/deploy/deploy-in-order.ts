import { availableParallelism } from "node:os";
import type { State } from "../synthesized/states";
import { inDependencyOrder } from "./dependency-order";
import { resourceEvent, type Show, stepsSideBySide } from "./progress";
import { Turns } from "./turns";

/** How the deploy of one state reports its progress. */
export interface DeployStep {
  /** Shows what the deploy does at the moment. */
  readonly show: Show;
  /** To be called with each line that Terraform prints; shows the lines about resources. */
  readonly onLine: (line: string) => void;
}

/**
 * Deploys states, each after the states that it depends on, and shows the progress of each.
 *
 * @param ready resolves when the deploy of a state can begin. @default - when its dependencies are deployed
 * @throws the error of the first state that failed, once all others have ended
 */
export async function deployInOrder(
  states: readonly State[],
  deploy: (state: State, step: DeployStep) => Promise<void>,
  ready?: (state: State) => Promise<void>,
) {
  const shows = new Map<string, Show>();
  // A plan keeps a processor busy, while an apply mostly waits for AWS. So at most one state per processor is
  // planned at a time, and there is no limit on the number of applies.
  const turns = new Turns(availableParallelism());
  const results = inDependencyOrder(states, async (state) => {
    await ready?.(state);
    const endTurn = await turns.take();
    const show: Show = (what) => shows.get(state.name)?.(what);
    const onLine = (line: string) => {
      const event = resourceEvent(line);
      if (!event) return;
      // From here on Terraform waits for AWS, and the next state may plan.
      endTurn();
      show(event);
    };
    await deploy(state, { show, onLine }).finally(endTurn);
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
