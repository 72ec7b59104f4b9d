/**
 * `npm run plan -- <environment>`: plans all states of an environment side by side.
 *
 * Exits with 0 when nothing would change, 2 when something would, 1 on an error.
 */
import { initStates, planStates } from "./plan-states";
import { readStates } from "./states";

const EXIT_CODES = { "no changes": 0, changes: 2, error: 1 } as const;

async function main([environment = "", ...rest]: readonly string[]) {
  const all = readStates("cdktf.out");
  const states = all.filter(({ name }) => name.split("-")[0] === environment);
  if (rest.length > 0 || states.length === 0) {
    const known = [...new Set(all.map(({ name }) => name.split("-")[0]))];
    throw new Error(
      `environment is "${environment}", expected one of ${known.join(", ")}: npm run plan -- <environment>`,
    );
  }
  await initStates(states, process.env);
  const plans = await planStates(states, process.env);
  for (const { state, outcome, detail } of plans) {
    console.log(`${state.padEnd(24)} ${outcome}${detail === "" ? "" : `: ${detail}`}`);
  }
  const [worst] = (["error", "changes", "no changes"] as const).filter((outcome) =>
    plans.some((plan) => plan.outcome === outcome),
  );
  process.exitCode = EXIT_CODES[worst ?? "no changes"];
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
