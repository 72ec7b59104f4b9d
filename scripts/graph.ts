/**
 * Draws the states of an environment and their dependencies into the README of the app, from the synthesized output.
 *
 * With `--check` it changes nothing, and exits with 1 when the picture in the README is out of date.
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
    // @default - the first environment of the app
    environment: { type: "string" },
  },
  ({ folder, output }, values) => {
    const file = join(folder, "README.md");
    const environment = values.environment ?? readStates(output)[0]?.environment ?? "";
    const text = readFileSync(file, "utf8");
    const drawn = withChart(text, mermaid(readGraph(output, environment)));
    if (drawn === text) {
      console.log(`The picture in ${file} of the states of ${environment} is up to date.`);
    } else if (values.check) {
      const graph = forApp("npm run graph");
      console.error(`The picture in ${file} is out of date. Next: ${graph}, and commit ${file}.`);
      return Promise.resolve(1);
    } else {
      writeFileSync(file, drawn);
      console.log(`Drew the states of ${environment} into ${file}. Next: look at it, commit it.`);
    }
    return Promise.resolve(0);
  },
);
