/**
 * Prints the environments that have an account, as a JSON list of names. CI plans and deploys these.
 */
import { hasAccount, readEnvironments } from "../delivery/github/environments";
import { main } from "./main";
import { OUTPUT } from "../delivery/synthesized/states";

main(
  "npm run --silent environments",
  { output: { type: "string", default: OUTPUT } },
  ({ output }) => {
    const ready = readEnvironments(output).filter(hasAccount);
    console.log(JSON.stringify(ready.map(({ name }) => name)));
    return Promise.resolve(0);
  },
);
