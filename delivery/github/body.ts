import { readReport, type Report } from "../report/report";
import { fullPlans, imageLines, summaryTable } from "../report/table";

/** GitHub takes no longer comment or issue. */
const MAX_LENGTH = 65_536;

const CUT_OFF = "\n\nCut off here; the run has all of it.";

export interface BodyOptions {
  /** An HTML comment that finds it again. */
  readonly marker: string;
  readonly title: string;
  readonly reports: readonly Report[];
  /** Environments that should have a report and have none. */
  readonly missing: readonly string[];
  /** Page of the run that made it, which has the reports as artifacts. */
  readonly runUrl?: string;
}

/** Table, what stands out, and as much of the full plans as there is room for. */
export function body({ marker, title, reports, missing, runUrl }: BodyOptions) {
  const head = [
    marker,
    `### ${title}`,
    ...(reports.length > 0 ? [summaryTable(reports)] : []),
    ...reports.flatMap(images),
    ...missing.map((environment) => `**${environment}: could not be planned**; the run says why.`),
  ].join("\n\n");
  const foot = runUrl === undefined ? "" : `\n\n[The run](${runUrl}) has the full plans.`;
  const room = MAX_LENGTH - foot.length - 2;
  if (head.length > room) return head.slice(0, room - CUT_OFF.length) + CUT_OFF + foot;
  const plans = fullPlans(reports, room - head.length);
  return [head, ...(plans === "" ? [] : [plans])].join("\n\n") + foot;
}

/** The images that an environment was planned with, if it has services. */
function images(report: Report) {
  const lines = imageLines(report);
  if (lines.length === 0) return [];
  return [`Images of ${report.environment}: ${lines.map((line) => `\`${line}\``).join(", ")}`];
}

/** The page of the run that this is, in a job of GitHub Actions. */
export function runUrl(env: NodeJS.ProcessEnv) {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = env;
  if (GITHUB_RUN_ID === undefined) return undefined;
  return `${GITHUB_SERVER_URL ?? "https://github.com"}/${GITHUB_REPOSITORY ?? ""}/actions/runs/${GITHUB_RUN_ID}`;
}

/**
 * Reports of several environments.
 *
 * @param expected names of the environments that should have one, with commas between them
 * @returns also which of the `expected` ones have none
 * @throws when there is neither a report nor an expected one
 */
export function readReports(files: readonly string[], expected = "") {
  const reports = files.map(readReport);
  const missing = expected
    .split(",")
    .filter((name) => name !== "" && !reports.some(({ environment }) => environment === name));
  if (reports.length + missing.length === 0) {
    throw new Error("no reports are given, expected those of npm run plan -- <env> --out <folder>");
  }
  return { reports, missing };
}
