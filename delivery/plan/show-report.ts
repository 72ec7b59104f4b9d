import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Report, StateReport } from "../report/report";
import { counts, fullPlans, imageLines, summaryTable } from "../report/table";

/** The length in characters that fits into the summary of a GitHub job, which shows the Markdown. */
const SUMMARY_LENGTH = 900_000;

/** Describes the plan of a state in a line, and each of its changes in a line below it. */
export function outcomeLine(state: StateReport) {
  const name = state.state.padEnd(24);
  switch (state.outcome) {
    case "error":
      return `${name} error: ${state.detail}`;
    case "waits":
      return `${name} waits for ${state.detail}, which it reads`;
    case "no changes":
      return `${name} no changes`;
    case "changes":
      return [`${name} ${counts(state)}`, ...state.changes.map(changeLine)].join("\n");
  }
}

const changeLine = ({ action, address, stateful }: StateReport["changes"][number]) => {
  const loses = stateful && action !== "add" && action !== "change";
  return `    ${action} ${address}${loses ? "  (its data is lost)" : ""}`;
};

/** Writes `<environment>.json`, which a deploy compares with its own plans, and `<environment>.md` for reviewers. */
export function writeReport(report: Report, folder: string) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, report.environment);
  writeFileSync(`${file}.json`, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(`${file}.md`, markdown(report));
  return `${file}.json`;
}

function markdown(report: Report) {
  return `# Plan of ${report.environment}

Images:

${imageLines(report)
  .map((line) => `- \`${line}\``)
  .join("\n")}

${summaryTable([report])}

${fullPlans([report], SUMMARY_LENGTH)}
`;
}
