/**
 * Compares the deployed resources with the synthesized output, with the images that are deployed.
 *
 * Exits with 0 when nothing has drifted, 2 when something has, and 1 on an error.
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
  "\nNot everything could be planned: fix the errors and run this again.",
  "\nThese resources differ from the code. To restore them, deploy the running images with --all. To keep the changes, make them in the code.",
];

mainForApp(
  "npm run drift -- <environment> [--out <folder>]",
  { out: { type: "string" } },
  async ({ output }, values, environment = "") => {
    const states = statesOf(environment, output);
    await prepareTerraform();
    console.log(`Comparing ${states.length} states of ${environment} with the deployed resources`);
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
