import type { State } from "../synthesized/states";

/**
 * Starts `deploy` for each state as soon as the states that it depends on are deployed. States that do not depend on
 * each other are deployed at the same time. A state whose dependency failed is not deployed.
 *
 * @returns the result of each deploy, by the name of the state
 */
export function inDependencyOrder(
  states: readonly State[],
  deploy: (state: State) => Promise<void>,
): ReadonlyMap<string, Promise<void>> {
  const results = new Map<string, Promise<void>>();
  const start = (state: State): Promise<void> => {
    const started = results.get(state.name);
    if (started) return started;
    const dependencies = states.filter(({ name }) => state.dependencies.includes(name));
    const result = allStand(dependencies.map((each) => [each.name, start(each)] as const)).then(
      () => deploy(state),
    );
    // The caller sees the error when it awaits the result. Until then Node must not end the process because
    // of an unhandled rejection.
    result.catch(() => undefined);
    results.set(state.name, result);
    return result;
  };
  for (const state of states) void start(state);
  return results;
}

async function allStand(dependencies: readonly (readonly [string, Promise<void>])[]) {
  for (const [name, result] of dependencies) {
    await result.catch((error: unknown) => {
      throw new Error(`not deployed, because ${name} failed`, { cause: error });
    });
  }
}
