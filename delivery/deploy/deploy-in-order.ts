import { availableParallelism } from "node:os";
import type { State } from "../synthesized/states";
import { inDependencyOrder } from "./dependency-order";
import { resourceEvent, type Show, stepsSideBySide } from "./progress";
import { Turns } from "./turns";

/** What the deploy of one state tells of itself. */
export interface DeployStep {
  /** Shows what it does at the moment. */
  readonly show: Show;
  /** Takes each line that Terraform prints, and shows those that tell of a resource. */
  readonly onLine: (line: string) => void;
}

/**
 * Deploys states, each after those that it depends on, and shows what each is doing.
 *
 * @throws the error of the first state that failed, once all others have ended
 */
export async function deployInOrder(
  states: readonly State[],
  deploy: (state: State, step: DeployStep) => Promise<void>,
) {
  const shows = new Map<string, Show>();
  // A plan takes all of a processor, and an apply mostly waits for AWS: as many states plan at a time as
  // there are processors, and all that can be applied wait side by side.
  const turns = new Turns(availableParallelism());
  const results = inDependencyOrder(states, async (state) => {
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
