import { z } from "zod";
import type { Report } from "../report/report";
import type { GitHub } from "./client";

/** Of the one issue that tells of drift. */
const LABEL = "drift";
export const DRIFT_MARKER = "<!-- drift -->";
const TITLE = "Drift: what stands differs from the code";

const issue = z.object({
  number: z.number(),
  body: z.string().nullish(),
  user: z.object({ login: z.string() }).nullable(),
  pull_request: z.unknown().optional(),
});

/** `unknown`: an environment could not be looked at, and the others do not drift. */
export type Drift = "drift" | "none" | "unknown";

/** @param missing environments that have no report */
export function driftIn(reports: readonly Report[], missing: readonly string[]): Drift {
  const outcomes = reports.flatMap(({ states }) => states.map(({ outcome }) => outcome));
  if (outcomes.includes("changes")) return "drift";
  const unknown = missing.length > 0 || outcomes.some((outcome) => outcome !== "no changes");
  return unknown ? "unknown" : "none";
}

/**
 * Opens or updates the one issue of drift, or closes it when all environments are as deployed. What is
 * unknown closes nothing, and leaves the last that was known to be read.
 *
 * @returns what was done, for people
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
