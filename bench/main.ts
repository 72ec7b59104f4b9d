/** `npm run bench [-- synth|deploy|api]` shows each figure side by side with a peer, as a ratio. */
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { benchApi } from "./api";
import { benchDeploy } from "./deploy";
import { benchSynth } from "./synth";

const BENCHMARKS = { synth: benchSynth, deploy: benchDeploy, api: benchApi };
// The folder is inside the project, so that the peer finds the same node_modules.
const directory = join(resolve(__dirname, ".."), ".local", "bench");

async function main([only]: readonly string[]) {
  const names = Object.keys(BENCHMARKS) as (keyof typeof BENCHMARKS)[];
  if (only !== undefined && !names.some((name) => name === only)) {
    throw new Error(`benchmark is "${only}", expected one of ${names.join(", ")}`);
  }
  rmSync(directory, { recursive: true, force: true });
  for (const name of names.filter((each) => only === undefined || each === only)) {
    await BENCHMARKS[name](join(directory, name));
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
