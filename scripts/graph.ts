/**
 * Draws the states of an environment and what crosses between them into the README of the app,
 * from what has just been synthesized.
 *
 * With `--check` it changes nothing, and exits with 1 when the README's picture is another one.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { forApp } from "../delivery/app";
import { withChart } from "../delivery/graph/marked-block";
import { mermaid } from "../delivery/graph/mermaid";
import { readGraph } from "../delivery/graph/state-graph";
import { readStates } from "../delivery/synthesized/states";
import { mainForApp } from "./main";

mainForApp(
  "npm run graph [-- --check]",
  {
    check: { type: "boolean", default: false },
    // @default - the first one of the app
    environment: { type: "string" },
  },
  ({ folder, output }, values) => {
    const file = join(folder, "README.md");
    const environment = values.environment ?? readStates(output)[0]?.environment ?? "";
    const text = readFileSync(file, "utf8");
    const drawn = withChart(text, mermaid(readGraph(output, environment)));
    if (drawn === text) {
      console.log(`The picture in ${file} shows the states of ${environment} as they are.`);
    } else if (values.check) {
      const graph = forApp("npm run graph");
      console.error(
        `The picture in ${file} is not of the states as they are. Next: ${graph}, and commit ${file}.`,
      );
      return Promise.resolve(1);
    } else {
      writeFileSync(file, drawn);
      console.log(`Drew the states of ${environment} into ${file}. Next: look at it, commit it.`);
    }
    return Promise.resolve(0);
  },
);
