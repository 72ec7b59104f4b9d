/**
 * Shows plans in one comment on a pull request, and updates that comment in later runs. It reads the environment
 * variables GITHUB_REPOSITORY, GITHUB_TOKEN and, for another server than github.com, GITHUB_API_URL.
 */
import { body, readReports, runUrl } from "../delivery/github/body";
import { GitHub } from "../delivery/github/client";
import { PLANS_MARKER, writePlanComment } from "../delivery/github/plan-comment";
import { main } from "./main";

main(
  "npm run comment -- --pull-request <number> [--commit <sha>] [--environments <name>,...] <report>...",
  {
    "pull-request": { type: "string", default: "" },
    // The commit that was planned.
    commit: { type: "string" },
    // The environments that should have been planned. The comment names those without a report.
    environments: { type: "string" },
  },
  async (values, ...files) => {
    const pullRequest = values["pull-request"];
    if (!/^[1-9]\d*$/.test(pullRequest)) {
      throw new Error(`--pull-request is "${pullRequest}", expected a number`);
    }
    const { reports, missing } = readReports(files, values.environments);
    const text = body({
      marker: PLANS_MARKER,
      title: values.commit === undefined ? "Plans" : `Plans of ${values.commit}`,
      reports,
      missing,
      runUrl: runUrl(process.env),
    });
    const github = GitHub.fromEnv(process.env);
    const done = await writePlanComment(github, Number(pullRequest), text);
    console.log(`The comment on #${pullRequest} was ${done}.`);
    return 0;
  },
);
