import { forApp } from "../app";
import { readBackend } from "../synthesized/config";
import { ExistingBackend } from "../backend/existing-backend";
import { digestIn, mayBeSame } from "../images/image-reference";
import { isOfDeployedImages } from "../plan/image-tag";
import type { Report } from "../report/report";
import { refuseWrongAccount } from "../plan/refuse-wrong-account";
import { isService, type State } from "../synthesized/states";

/** @throws when the account is not the environment's, or when it has no backend yet */
export async function checkBackend(environment: string, [state]: readonly State[]) {
  if (!state) return;
  const existing = new ExistingBackend(readBackend(state.directory));
  await refuseWrongAccount(state.directory, existing);
  if (!(await existing.isUsable())) {
    const bootstrap = forApp(`npm run bootstrap -- ${environment}`);
    throw new Error(`${environment} has no backend yet. Make it first: ${bootstrap}`);
  }
}

/** @throws when a report cannot be what this deploy was reviewed by */
export function checkReviewed(
  file: string,
  reviewed: Report,
  {
    environment,
    imageTag,
    states,
  }: {
    readonly environment: string;
    readonly imageTag: string;
    readonly states: readonly State[];
  },
) {
  const expected = (field: "environment" | "imageTag", value: string) =>
    new Error(
      `${file}: ${field} is "${reviewed[field]}", expected "${value}", which is to be deployed`,
    );
  if (reviewed.environment !== environment) throw expected("environment", environment);
  if (isOfDeployedImages(reviewed.imageTag) || !mayBeSame(reviewed.imageTag, imageTag)) {
    throw expected("imageTag", imageTag);
  }
  if (states.some(isService) && digestIn(reviewed.imageTag) === undefined) {
    throw new Error(
      `${file}: imageTag is "${reviewed.imageTag}", expected it with a digest: nobody has reviewed which image this is. Plan again, with --image-tag <commit SHA>@sha256:<digest> when the image has not been pushed yet.`,
    );
  }
  const failed = reviewed.states.filter(({ outcome }) => outcome === "error");
  if (failed.length > 0) {
    throw new Error(
      `${file}: ${failed.map(({ state }) => state).join(", ")} could not be planned, so nobody has reviewed it. Mend it and plan again.`,
    );
  }
}
