import { readReport, type Report } from "../report/report";
import { fullPlans, imageLines, summaryTable } from "../report/table";

/** The greatest length that GitHub accepts for a comment or an issue, in characters. */
const MAX_LENGTH = 65_536;

const CUT_OFF = "\n\nThis text is cut off here. The run has the whole of it.";

export interface BodyOptions {
  /** An HTML comment by which the text is found again. */
  readonly marker: string;
  readonly title: string;
  readonly reports: readonly Report[];
  /** The environments that should have a report but have none. */
  readonly missing: readonly string[];
  /** The page of the run that made the reports and has them as artifacts. */
  readonly runUrl?: string;
}

/** Returns the summary table with its warnings, the images, and as many full plans as there is room for. */
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

/** The page of the current run of GitHub Actions; `undefined` outside of GitHub Actions. */
export function runUrl(env: NodeJS.ProcessEnv) {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = env;
  if (GITHUB_RUN_ID === undefined) return undefined;
  return `${GITHUB_SERVER_URL ?? "https://github.com"}/${GITHUB_REPOSITORY ?? ""}/actions/runs/${GITHUB_RUN_ID}`;
}

/**
 * Reads the reports of several environments.
 *
 * @param expected the names of the environments that should have a report, separated by commas
 * @returns the reports, and the `expected` environments that have none
 * @throws when there are neither reports nor `expected` environments
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
