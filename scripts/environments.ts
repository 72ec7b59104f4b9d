/** Prints a JSON list of the names of the environments that have an account. CI plans and deploys these. */
import { hasAccount, readEnvironments } from "../delivery/github/environments";
import { mainForApp } from "./main";

mainForApp("npm run --silent environments", {}, ({ output }) => {
  const ready = readEnvironments(output).filter(hasAccount);
  console.log(JSON.stringify(ready.map(({ name }) => name)));
  return Promise.resolve(0);
});
