import { forApp } from "../app";
import { readBackend } from "../synthesized/config";
import { ExistingBackend } from "../backend/existing-backend";
import { digestIn, mayBeSame } from "../images/image-reference";
import type { Images } from "../images/service-images";
import type { Report } from "../report/report";
import { refuseWrongAccount } from "../plan/refuse-wrong-account";
import type { State } from "../synthesized/states";

/** @throws when the credentials are for another account, or when the environment has no backend yet */
export async function checkBackend(environment: string, [state]: readonly State[]) {
  if (!state) return;
  const existing = new ExistingBackend(readBackend(state.directory));
  await refuseWrongAccount(state.directory, existing);
  if (!(await existing.isUsable())) {
    const bootstrap = forApp(`npm run bootstrap -- ${environment}`);
    throw new Error(`${environment} has no backend yet. Make it first: ${bootstrap}`);
  }
}

/** @throws when a report is for another environment, or has states that could not be planned */
export function checkReviewed(file: string, reviewed: Report, environment: string) {
  if (reviewed.environment !== environment) {
    throw new Error(
      `${file}: environment is "${reviewed.environment}", expected "${environment}", which is to be deployed`,
    );
  }
  const failed = reviewed.states.filter(({ outcome }) => outcome === "error");
  if (failed.length > 0) {
    throw new Error(
      `${file}: ${failed.map(({ state }) => state).join(", ")} could not be planned, so nobody has reviewed that. Fix the errors and plan again.`,
    );
  }
}

/** @throws when a service is to run another image than the one that was reviewed */
export function checkReviewedImages(file: string, reviewed: Report, images: Images) {
  for (const [service, image] of images) {
    const was = reviewed.images[service] ?? "";
    if (was === "" || !mayBeSame(was, image)) {
      throw new Error(
        `${file}: the image of the service ${service} is "${was}", expected "${image}", which is to be deployed`,
      );
    }
    if (digestIn(was) === undefined) {
      throw new Error(
        `${file}: the image of the service ${service} is "${was}", expected it with a digest: nobody has reviewed which image this is. Plan again, with <commit SHA>@sha256:<digest> for --image-tag when the image has not been pushed yet.`,
      );
    }
  }
}
