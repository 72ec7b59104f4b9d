/**
 * Prints the region, the account and the two roles of a job as `name=value` lines, the form of a
 * step's outputs.
 */
import { jobRoles, readEnvironments } from "../delivery/github/environments";
import { main } from "./main";
import { OUTPUT } from "../delivery/synthesized/states";

main(
  "npm run --silent roles -- <GitHub environment> --tooling-account <id>",
  {
    "tooling-account": { type: "string", default: "" },
    output: { type: "string", default: OUTPUT },
  },
  (values, githubEnvironment = "") => {
    const environments = readEnvironments(values.output);
    const roles = jobRoles(environments, githubEnvironment, values["tooling-account"]);
    for (const [name, value] of Object.entries(roles)) console.log(`${name}=${String(value)}`);
    return Promise.resolve(0);
  },
);
