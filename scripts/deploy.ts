/**
 * Deploys an environment, from what has just been synthesized: what was approved, and no more.
 */
import { createInterface } from "node:readline/promises";
import { deployEnvironment, refuseDifferences } from "../delivery/deploy/deploy-environment";
import { checkBackend, checkReviewed } from "../delivery/deploy/preconditions";
import { forApp } from "../delivery/app";
import { mainForApp } from "./main";
import { admitImages } from "../delivery/images/admission";
import { parseImageReference } from "../delivery/images/image-reference";
import { pinImages } from "../delivery/images/pin-images";
import { planEnvironment } from "../delivery/plan/plan-environment";
import { outcomeLine } from "../delivery/plan/show-report";
import { exitCodeOf, readReport, type Report } from "../delivery/report/report";
import { type State, statesOf } from "../delivery/synthesized/states";
import { isProtected } from "../delivery/synthesized/config";
import { prepareTerraform } from "../delivery/terraform/prepare";

mainForApp(
  "npm run deploy -- <environment> --image-tag <sha>[@<digest>] [--only <state>] [--reviewed <report>] [--auto-approve]",
  {
    "image-tag": { type: "string", default: "" },
    only: { type: "string", multiple: true, default: [] },
    reviewed: { type: "string" },
    "auto-approve": { type: "boolean", default: false },
  },
  async ({ output }, values, environment = "") => {
    const { "image-tag": imageTag, reviewed: file } = values;
    parseImageReference(imageTag);
    const states = selected(statesOf(environment, output), environment, values.only);
    const reviewed = file === undefined ? undefined : readReport(file);
    if (file !== undefined && reviewed) {
      checkReviewed(file, reviewed, { environment, imageTag, states });
    }
    await prepareTerraform();
    await checkBackend(environment, states);
    const images = await pinImages(states, imageTag);
    for (const [state, image] of images) console.log(`${state} is to run ${image}`);
    if (isProtected(statesOf(environment, output))) await admitImages(states, images);

    console.log(`Planning ${states.length} states of ${environment}`);
    const planned = await planEnvironment({
      environment,
      states,
      imageTag,
      images,
      onPlanned: (state) => {
        console.log(outcomeLine(state));
      },
    });
    if (reviewed) {
      refuseChanged(reviewed, planned);
    } else {
      if (exitCodeOf(planned) === 1)
        throw new Error("\nNothing was changed: mend the errors first.");
      if (exitCodeOf(planned) === 2) await approve(environment, values["auto-approve"]);
    }
    if (exitCodeOf(planned) === 0) {
      console.log(`\n${environment} is as it should be: nothing to deploy.`);
      return 0;
    }
    const approved = reviewed ?? planned;
    const deployed = await deployEnvironment({
      environment,
      states,
      imageTag,
      images,
      output,
      planned,
      approved,
    });
    console.log(`\nDeployed ${deployed.join(", ")} with image ${planned.imageTag}.`);
    const url = forApp(`npm run --silent url -- ${environment}`);
    console.log(`Try it: ${forApp(`npm run smoke -- "$(${url})"`)}`);
    return 0;
  },
);

/** @throws when an `--only` is none of the environment's states */
function selected(states: readonly State[], environment: string, only: readonly string[]) {
  const names = only.map((name) =>
    name.startsWith(`${environment}-`) ? name : `${environment}-${name}`,
  );
  for (const [i, name] of names.entries()) {
    if (states.some((state) => state.name === name)) continue;
    const known = states.map((state) => state.name).join(", ");
    throw new Error(`--only is "${only[i]}", expected one of ${known}`);
  }
  return only.length === 0 ? states : states.filter(({ name }) => names.includes(name));
}

function refuseChanged(reviewed: Report, planned: Report) {
  try {
    refuseDifferences(reviewed, planned.states);
  } catch (error) {
    throw new Error(
      `\n${(error as Error).message}\nNothing was changed. Plan again, have that reviewed, and deploy it.`,
      { cause: error },
    );
  }
}

/** @throws when the plan is not approved */
async function approve(environment: string, approved: boolean) {
  if (approved) return;
  if (!process.stdin.isTTY) {
    throw new Error(
      "\nNothing was changed: there is no terminal to ask on. Give --reviewed with the report of a reviewed plan, or --auto-approve.",
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`\nApply this to ${environment}? Only "yes" is taken: `);
  terminal.close();
  if (answer !== "yes") throw new Error("Nothing was changed.");
}
