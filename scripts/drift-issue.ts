/**
 * Opens, updates or closes the drift issue. It reads the environment variables GITHUB_REPOSITORY, GITHUB_TOKEN and,
 * for another server than github.com, GITHUB_API_URL.
 */
import { body, readReports, runUrl } from "../delivery/github/body";
import { GitHub } from "../delivery/github/client";
import { DRIFT_MARKER, driftIn, writeDriftIssue } from "../delivery/github/drift-issue";
import { main } from "./main";

main(
  "npm run drift-issue -- [--environments <name>,...] <report>...",
  // The environments that should have been planned. The issue is not closed while one of them has no report.
  { environments: { type: "string" } },
  async (values, ...files) => {
    const { reports, missing } = readReports(files, values.environments);
    const drift = driftIn(reports, missing);
    const text = body({
      marker: DRIFT_MARKER,
      title:
        drift === "none"
          ? "The drift is gone: the deployed resources are as in the code"
          : "The deployed resources differ from the code",
      reports,
      missing,
      runUrl: runUrl(process.env),
    });
    const done = await writeDriftIssue(GitHub.fromEnv(process.env), drift, text);
    console.log(`Drift: ${drift}; ${done}.`);
    return 0;
  },
);
