/**
 * Opens, updates or closes the one issue that tells of drift. GITHUB_REPOSITORY and GITHUB_TOKEN say
 * where and as whom, GITHUB_API_URL at which GitHub.
 */
import { body, readReports, runUrl } from "../delivery/github/body";
import { GitHub } from "../delivery/github/client";
import { DRIFT_MARKER, driftIn, writeDriftIssue } from "../delivery/github/drift-issue";
import { main } from "./main";

main(
  "npm run drift-issue -- [--environments <name>,...] <report>...",
  // Those that were to be looked at: the issue is not closed while one of them has no report.
  { environments: { type: "string" } },
  async (values, ...files) => {
    const { reports, missing } = readReports(files, values.environments);
    const drift = driftIn(reports, missing);
    const text = body({
      marker: DRIFT_MARKER,
      title: drift === "none" ? "Gone: all is as in the code" : "What stands differs from the code",
      reports,
      missing,
      runUrl: runUrl(process.env),
    });
    const done = await writeDriftIssue(GitHub.fromEnv(process.env), drift, text);
    console.log(`Drift: ${drift}; ${done}.`);
    return 0;
  },
);
