/**
 * `npm run promote -- <from> <to> --image-tag <commit SHA>`: copies an image from the repositories
 * of one environment to those of the next, with credentials of the next one's account.
 *
 * Writes the digest to stdout, one line for each service, and all else to stderr.
 */
import { parseArgs } from "node:util";
import { promoteImage } from "./images/promote-image";

const USAGE = "npm run promote -- <from> <to> --image-tag <commit SHA> [--output <folder>]";

async function main() {
  const { from, to, tag, output } = readOptions();
  const digests = await promoteImage({ from, to, tag, output, say: console.error });
  console.log(digests.join("\n"));
  console.error(
    `${to} has the image. Next: npm run plan -- ${to} --image-tag ${tag}, then npm run deploy -- ${to} --image-tag ${tag}`,
  );
}

function readOptions() {
  const { values, positionals } = parse();
  const [from = "", to = "", ...rest] = positionals;
  const { "image-tag": tag = "", output } = values;
  if (from === "" || to === "" || rest.length > 0) {
    throw new Error(`expected two environments, such as dev staging.\nUsage: ${USAGE}`);
  }
  if (!/^[0-9a-f]{40}$/.test(tag)) {
    throw new Error(
      `--image-tag is "${tag}", expected a full commit SHA of 40 hex digits, which the image is tagged with.\nUsage: ${USAGE}`,
    );
  }
  return { from, to, tag, output };
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        "image-tag": { type: "string" },
        output: { type: "string", default: "cdktf.out" },
      },
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}\nUsage: ${USAGE}`);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
