import { z } from "zod";
import type { Report } from "../report/report";
import type { GitHub } from "./client";

/** The label of the drift issue. There is at most one such issue. */
const LABEL = "drift";
export const DRIFT_MARKER = "<!-- drift -->";
const TITLE = "Drift: the deployed resources differ from the code";

const issue = z.object({
  number: z.number(),
  body: z.string().nullish(),
  user: z.object({ login: z.string() }).nullable(),
  pull_request: z.unknown().optional(),
});

/** `unknown` means that an environment could not be planned and that no other has drifted. */
export type Drift = "drift" | "none" | "unknown";

/** @param missing the environments that have no report */
export function driftIn(reports: readonly Report[], missing: readonly string[]): Drift {
  const outcomes = reports.flatMap(({ states }) => states.map(({ outcome }) => outcome));
  if (outcomes.includes("changes")) return "drift";
  const unknown = missing.length > 0 || outcomes.some((outcome) => outcome !== "no changes");
  return unknown ? "unknown" : "none";
}

/**
 * Opens or updates the drift issue, or closes it when no environment has drifted. When the drift is unknown, the
 * issue stays open and keeps its last text.
 *
 * @returns what was done, for a message
 */
export async function writeDriftIssue(github: GitHub, drift: Drift, body: string) {
  const login = await github.login();
  const open = await github.list(`/issues?state=open&labels=${LABEL}`, issue);
  const ours = open.find(
    ({ user, body: text, pull_request }) =>
      pull_request === undefined && user?.login === login && text?.startsWith(DRIFT_MARKER),
  );
  if (drift === "unknown") {
    return ours ? `left issue #${ours.number} as it is` : "opened no issue";
  }
  if (drift === "none") {
    if (!ours) return "there is no issue, and none is needed";
    await github.send("POST", `/issues/${ours.number}/comments`, { body }, z.unknown());
    const closed = { state: "closed", state_reason: "completed" };
    await github.send("PATCH", `/issues/${ours.number}`, closed, issue);
    return `closed issue #${ours.number}`;
  }
  if (ours) {
    await github.send("PATCH", `/issues/${ours.number}`, { body }, issue);
    return `updated issue #${ours.number}`;
  }
  const opened = { title: TITLE, labels: [LABEL], body };
  const { number } = await github.send("POST", "/issues", opened, issue);
  return `opened issue #${number}`;
}
