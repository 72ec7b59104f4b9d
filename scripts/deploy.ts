/** Deploys the synthesized output to an environment. It applies only what was approved. */
import { createInterface } from "node:readline/promises";
import { deployEnvironment, refuseDifferences } from "../delivery/deploy/deploy-environment";
import { checkBackend, checkReviewed, checkReviewedImages } from "../delivery/deploy/preconditions";
import { forApp } from "../delivery/app";
import { mainForApp } from "./main";
import { DeployRecords } from "../delivery/deploy/deploy-records";
import { notPlannedLine, statesToPlan } from "../delivery/deploy/states-to-plan";
import { admitImages } from "../delivery/images/admission";
import { pinImages } from "../delivery/images/pin-images";
import { committedImages, namedImages, refuseUncommitted } from "../delivery/images/service-images";
import { imagesToRun } from "../delivery/plan/images-to-run";
import { existingStates, planEnvironment } from "../delivery/plan/plan-environment";
import { outcomeLine } from "../delivery/plan/show-report";
import { exitCodeOf, readReport, type Report } from "../delivery/report/report";
import { isService, type State, statesOf } from "../delivery/synthesized/states";
import { isProtected } from "../delivery/synthesized/config";
import { prepareTerraform } from "../delivery/terraform/prepare";

mainForApp(
  "npm run deploy -- <environment> [--image-tag <image>]... [--only <state>] [--all] [--reviewed <report>] [--auto-approve]",
  {
    "image-tag": { type: "string", multiple: true, default: [] },
    only: { type: "string", multiple: true, default: [] },
    all: { type: "boolean", default: false },
    reviewed: { type: "string" },
    "auto-approve": { type: "boolean", default: false },
  },
  async ({ output }, values, environment = "") => {
    const { "image-tag": imageTags, reviewed: file = "" } = values;
    const all = statesOf(environment, output);
    const states = selected(all, environment, values.only);
    const services = states.filter(isService);
    const named = namedImages(all.filter(isService), imageTags);
    if (named.size === 0) await refuseUncommitted(services);
    const reviewed = values.reviewed === undefined ? undefined : readReport(file);
    if (reviewed) checkReviewed(file, reviewed, environment);
    await prepareTerraform();
    await checkBackend(environment, states);
    const wanted = named.size === 0 ? await committedImages(services) : named;
    const existing = await existingStates(states);
    const images = await imagesToRun(services, wanted, existing, pinImages);
    for (const [service, image] of images) console.log(`${service} is to run ${image}`);
    if (reviewed) checkReviewedImages(file, reviewed, images);
    if (isProtected(all)) await admitImages(services, images);

    const records = DeployRecords.of(states, images);
    const unchanged = await records.unchanged(states);
    const planAll = values.all || values.only.length > 0;
    const toPlan = planAll ? states : statesToPlan(states, unchanged, reviewed);
    const notPlanned = notPlannedLine(states, toPlan);
    if (notPlanned !== undefined) console.log(notPlanned);
    if (toPlan.length === 0) return nothingToDeploy(environment);

    console.log(`Planning ${toPlan.length} of ${states.length} states of ${environment}`);
    const planned = await planEnvironment({
      environment,
      states: toPlan,
      images,
      onPlanned: (state) => {
        console.log(outcomeLine(state));
      },
    });
    if (reviewed) {
      refuseChanged(reviewed, planned);
    } else {
      if (exitCodeOf(planned) === 1)
        throw new Error("\nNothing was changed: fix the errors first.");
      if (exitCodeOf(planned) === 2) await approve(environment, values["auto-approve"]);
    }
    await records.keepPlanned(states, planned);
    if (exitCodeOf(planned) === 0) return nothingToDeploy(environment);
    const approved = reviewed ?? planned;
    const deployed = await deployEnvironment({
      environment,
      states,
      images,
      output,
      planned,
      approved,
      records,
    });
    console.log(`\nDeployed ${deployed.join(", ")}.`);
    const url = forApp(`npm run --silent url -- ${environment}`);
    console.log(`Try it: ${forApp(`npm run smoke -- "$(${url})"`)}`);
    return 0;
  },
);

/** @throws when an `--only` is not a state of the environment */
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
      `\n${(error as Error).message}\nNothing was changed. Plan again, have the new plan reviewed, and deploy it.`,
      { cause: error },
    );
  }
}

function nothingToDeploy(environment: string) {
  console.log(`\nThere is nothing to deploy to ${environment}.`);
  return 0;
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
  const answer = await terminal.question(
    `\nApply this to ${environment}? Only "yes" is accepted: `,
  );
  terminal.close();
  if (answer !== "yes") throw new Error("Nothing was changed.");
}
