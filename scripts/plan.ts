/**
 * Plans all states of an environment at the same time, from the synthesized output.
 *
 * Exits with 0 when nothing would change, 2 when something would, and 1 on an error.
 */
import { appArguments, forApp } from "../delivery/app";
import { mainForApp } from "./main";
import { onLocalAws } from "./on-local-aws";
import { imageTagOptions, namedImages } from "../delivery/images/service-images";
import { planEnvironment } from "../delivery/plan/plan-environment";
import { outcomeLine, writeReport } from "../delivery/plan/show-report";
import { exitCodeOf, type Report } from "../delivery/report/report";
import { imageLines, summaryTable } from "../delivery/report/table";
import { hasPlaceholderAccount } from "../delivery/synthesized/config";
import { isService, statesOf } from "../delivery/synthesized/states";
import { prepareTerraform } from "../delivery/terraform/prepare";

mainForApp(
  "npm run plan -- <environment> [--image-tag <image>]... [--out <folder>] [--local]",
  {
    "image-tag": { type: "string", multiple: true, default: [] },
    out: { type: "string" },
    // Plans on a local AWS, which needs no account.
    local: { type: "boolean", default: false },
  },
  async (app, values, environment = "") => {
    const { "image-tag": imageTags } = values;
    const states = statesOf(environment, app.output);
    const images = namedImages(states.filter(isService), imageTags);
    const [state] = states;
    if (values.local && state) {
      const given = Object.entries(values).filter(([, value]) => typeof value === "string");
      const rest = [
        ...given.map(([name, value]) => `--${name}=${String(value)}`),
        ...imageTags.map((value) => `--image-tag=${value}`),
      ];
      return onLocalAws(state, "plan.ts", environment, ...rest, ...appArguments(app));
    }
    await prepareTerraform();
    console.log(`Planning ${states.length} states of ${environment}`);
    const report = await planEnvironment({
      environment,
      states,
      images,
      onPlanned: (state) => {
        console.log(outcomeLine(state));
      },
    });
    const exitCode = exitCodeOf(report);
    console.log(`\nImages:\n${imageLines(report).join("\n")}\n\n${summaryTable([report])}`);
    const file = values.out === undefined ? undefined : writeReport(report, values.out);
    if (exitCode === 2 && states.some(hasPlaceholderAccount)) {
      console.log(
        `\nThis plan cannot be applied yet: put your account and network into environments/${environment}.ts first.`,
      );
    } else {
      console.log(next(report, exitCode, file));
    }
    return exitCode;
  },
);

function next({ environment, images }: Report, exitCode: number, file: string | undefined) {
  if (exitCode === 0) return "\nNothing would change.";
  if (exitCode === 1) return "\nNot everything could be planned: fix the errors and plan again.";
  const reviewed = file === undefined ? "" : ` --reviewed ${file}`;
  const named = imageTagOptions(new Map(Object.entries(images)));
  return `\nTo apply it: ${forApp(`npm run deploy -- ${environment} ${named}${reviewed}`)}`;
}
