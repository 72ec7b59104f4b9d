/** Prints where an environment's load balancer answers. */
import { readBackend } from "../delivery/synthesized/config";
import { requireCredentials } from "../delivery/require-credentials";
import { main } from "./main";
import { existingStates } from "../delivery/plan/plan-environment";
import { isAlb, OUTPUT, statesOf } from "../delivery/synthesized/states";

main(
  "npm run --silent url -- <environment>",
  { output: { type: "string", default: OUTPUT } },
  async ({ output }, environment = "") => {
    const alb = statesOf(environment, output).filter(isAlb);
    const [key] = alb.map(({ directory }) => readBackend(directory).key);
    await requireCredentials();
    const outputs = await (await existingStates(alb))?.outputs(key ?? "");
    if (typeof outputs?.dns_name !== "string") {
      throw new Error(
        `${environment} has no load balancer yet. Deploy it first: npm run deploy -- ${environment} --only alb`,
      );
    }
    console.log(`http://${outputs.dns_name}`);
    return 0;
  },
);
