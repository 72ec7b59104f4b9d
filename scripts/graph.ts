/**
 * Draws the states of an environment and what crosses between them into the README, from what has
 * just been synthesized.
 *
 * With `--check` it changes nothing, and exits with 1 when the README's picture is another one.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { withChart } from "../delivery/graph/marked-block";
import { mermaid } from "../delivery/graph/mermaid";
import { readGraph } from "../delivery/graph/state-graph";
import { main } from "./main";
import { OUTPUT } from "../delivery/synthesized/states";

main(
  "npm run graph [-- --check]",
  {
    check: { type: "boolean", default: false },
    environment: { type: "string", default: "dev" },
    file: { type: "string", default: "README.md" },
    output: { type: "string", default: OUTPUT },
  },
  ({ check, environment, file, output }) => {
    const text = readFileSync(file, "utf8");
    const drawn = withChart(text, mermaid(readGraph(output, environment)));
    if (drawn === text) {
      console.log(`The picture in ${file} shows the states of ${environment} as they are.`);
    } else if (check) {
      console.error(
        `The picture in ${file} is not of the states as they are. Next: npm run graph, and commit ${file}.`,
      );
      return Promise.resolve(1);
    } else {
      writeFileSync(file, drawn);
      console.log(`Drew the states of ${environment} into ${file}. Next: look at it, commit it.`);
    }
    return Promise.resolve(0);
  },
);
