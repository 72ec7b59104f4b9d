import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** A block of commands, or a patch, in the runbook. */
export interface Block {
  readonly language: "sh" | "diff";
  /** The section that contains the block. */
  readonly section: string;
  readonly text: string;
}

const PAGE = resolve("docs/runbook.md");
const RUN_BY_A_TEST = "# run by a test\n";

/** The blocks of the runbook, in the order of the page. */
export function runbookBlocks(): Block[] {
  const page = readFileSync(PAGE, "utf8");
  let section = "";
  const pattern =
    /^## (?<title>.*)$|^(?<indent> *)```(?<language>sh|diff)\n(?<text>[^]*?)^ *```$/gm;
  return [...page.matchAll(pattern)].flatMap(({ groups = {} }) => {
    if (groups.title !== undefined) {
      section = groups.title;
      return [];
    }
    const { indent = "", language, text = "" } = groups;
    const unindented = text.replaceAll(new RegExp(`^${indent}`, "gm"), "");
    return [{ language: language as Block["language"], section, text: unindented }];
  });
}

export const isRunByATest = ({ text }: Block) => text.startsWith(RUN_BY_A_TEST);
