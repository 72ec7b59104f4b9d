/** Creates the state bucket and the lock table of an environment from the synthesized output. */
import { forApp } from "../delivery/app";
import { bootstrapBackend } from "../delivery/backend/bootstrap-backend";
import { uncut } from "../delivery/interrupt";
import { isBackend, statesOf } from "../delivery/synthesized/states";
import { prepareTerraform } from "../delivery/terraform/prepare";
import { Terraform } from "../delivery/terraform/terraform";
import { mainForApp } from "./main";

mainForApp(
  "npm run bootstrap -- <environment>",
  {},
  async ({ output }, _values, environment = "") => {
    const backends = statesOf(environment, output).filter(isBackend);
    await prepareTerraform();
    for (const { directory } of backends) {
      const onLine = (line: string) => {
        console.log(`  ${line}`);
      };
      const terraform = new Terraform({ directory, onLine });
      await uncut(onInterrupt, () =>
        bootstrapBackend({ directory, terraform, onStep: console.log }),
      );
    }
    const deploy = forApp(`npm run deploy -- ${environment} --only ecr --image-tag <commit SHA>`);
    console.log(`The backend of ${environment} is ready. Deploy its states next: ${deploy}`);
    return 0;
  },
);

/** This only prints a message, because Ctrl-C reaches Terraform itself, too. */
function onInterrupt() {
  console.error("Interrupted: Terraform finishes its current operations");
}
