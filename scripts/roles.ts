/**
 * Prints the region, the account and the two roles of a job as `name=value` lines, the form of a
 * step's outputs.
 */
import { jobRoles, readEnvironments } from "../delivery/github/environments";
import { mainForApp } from "./main";

mainForApp(
  "npm run --silent roles -- <GitHub environment> --tooling-account <id>",
  {
    "tooling-account": { type: "string", default: "" },
  },
  ({ output }, values, githubEnvironment = "") => {
    const environments = readEnvironments(output);
    const roles = jobRoles(environments, githubEnvironment, values["tooling-account"]);
    for (const [name, value] of Object.entries(roles)) console.log(`${name}=${String(value)}`);
    return Promise.resolve(0);
  },
);
