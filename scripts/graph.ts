/**
 * `npm run graph [-- --check]`: draws the states of an environment and what crosses between them
 * into the README, from what has just been synthesized.
 *
 * With `--check` it changes nothing, and exits with 1 when the README's picture is another one.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { withChart } from "./graph/marked-block";
import { mermaid } from "./graph/mermaid";
import { readGraph } from "./graph/state-graph";

const USAGE =
  "npm run graph [-- --check] [--environment <name>] [--file <Markdown file>] [--output <folder>]";

function main() {
  const { check, environment, file, output } = readOptions();
  const text = readFileSync(file, "utf8");
  const drawn = withChart(text, mermaid(readGraph(output, environment)));
  if (drawn === text) {
    console.log(`The picture in ${file} shows the states of ${environment} as they are.`);
    return;
  }
  if (check) {
    throw new Error(
      `the picture in ${file} is not of the states as they are. Next: npm run graph, and commit ${file}.`,
    );
  }
  writeFileSync(file, drawn);
  console.log(`Drew the states of ${environment} into ${file}. Next: look at it, and commit it.`);
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        check: { type: "boolean", default: false },
        environment: { type: "string", default: "dev" },
        file: { type: "string", default: "README.md" },
        output: { type: "string", default: "cdktf.out" },
      },
    }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\nUsage: ${USAGE}`);
  }
}

try {
  main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
