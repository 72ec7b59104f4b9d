/**
 * Says what differs from the code, from what has just been synthesized, with the images that are
 * deployed.
 *
 * Exits with 0 when nothing does, 2 when something does, 1 on an error.
 */
import { mainForApp } from "./main";
import { planEnvironment } from "../delivery/plan/plan-environment";
import { outcomeLine, writeReport } from "../delivery/plan/show-report";
import { exitCodeOf } from "../delivery/report/report";
import { summaryTable } from "../delivery/report/table";
import { statesOf } from "../delivery/synthesized/states";
import { prepareTerraform } from "../delivery/terraform/prepare";

const NEXT = [
  "\nNothing has drifted.",
  "\nNot everything could be planned: fix the errors and look again.",
  "\nThis differs from the code. To put it back, deploy the image that runs with --all; to keep it, bring it into the code.",
];

mainForApp(
  "npm run drift -- <environment> [--out <folder>]",
  { out: { type: "string" } },
  async ({ output }, values, environment = "") => {
    const states = statesOf(environment, output);
    await prepareTerraform();
    console.log(`Comparing ${states.length} states of ${environment} with what stands`);
    const report = await planEnvironment({
      environment,
      states,
      images: new Map(),
      onPlanned: (state) => {
        console.log(outcomeLine(state));
      },
    });
    console.log(`\n${summaryTable([report])}`);
    if (values.out !== undefined) writeReport(report, values.out);
    const exitCode = exitCodeOf(report);
    console.log(NEXT[exitCode]);
    return exitCode;
  },
);
