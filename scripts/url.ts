/** Prints the URL of an environment's load balancer. */
import { readBackend } from "../delivery/synthesized/config";
import { requireCredentials } from "../delivery/require-credentials";
import { forApp } from "../delivery/app";
import { mainForApp } from "./main";
import { existingStates } from "../delivery/plan/plan-environment";
import { isAlb, statesOf } from "../delivery/synthesized/states";

mainForApp(
  "npm run --silent url -- <environment>",
  {},
  async ({ output }, _values, environment = "") => {
    const alb = statesOf(environment, output).filter(isAlb);
    const [key] = alb.map(({ directory }) => readBackend(directory).key);
    await requireCredentials();
    const outputs = await (await existingStates(alb))?.outputs(key ?? "");
    if (typeof outputs?.dns_name !== "string") {
      const deploy = forApp(`npm run deploy -- ${environment} --only alb --image-tag <commit SHA>`);
      throw new Error(`${environment} has no load balancer yet. Deploy it first: ${deploy}`);
    }
    console.log(`http://${outputs.dns_name}`);
    return 0;
  },
);
