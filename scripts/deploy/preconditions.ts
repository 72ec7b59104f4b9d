import { DescribeImagesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { readBackend } from "../backend";
import { ExistingBackend } from "../existing-backend";
import { repositoryOf } from "../images/repository-url";
import type { Report } from "../report/report";
import { refuseWrongAccount } from "../refuse-wrong-account";
import { isService, type State } from "../states";
import { repositoryUrlOf } from "../synthesized";

/** @throws when the account is not the environment's, or when it has no backend yet */
export async function checkBackend(environment: string, [state]: readonly State[]) {
  if (!state) return;
  const existing = new ExistingBackend(readBackend(state.directory));
  await refuseWrongAccount(state.directory, existing);
  if (!(await existing.isUsable())) {
    throw new Error(
      `${environment} has no backend yet. Make it first: npm run bootstrap -- ${environment}`,
    );
  }
}

/** @throws when a service is to be deployed with an image that its repository does not have */
export async function checkImages(environment: string, states: readonly State[], imageTag: string) {
  for (const state of states.filter(isService)) {
    await checkImage(environment, repositoryUrlOf(state), imageTag);
  }
}

async function checkImage(environment: string, url: string, imageTag: string) {
  const { registryId, region, repositoryName } = repositoryOf(url);
  const imageId = imageTag.startsWith("sha256:") ? { imageDigest: imageTag } : { imageTag };
  const ecr = new ECRClient({ region });
  try {
    await ecr.send(new DescribeImagesCommand({ registryId, repositoryName, imageIds: [imageId] }));
  } catch (error) {
    if ((error as Error).name === "RepositoryNotFoundException") {
      throw new Error(
        `There is no repository ${url} yet. Deploy it first, npm run deploy -- ${environment} --only ecr --image-tag ${imageTag}, then push the image, then deploy the rest.`,
      );
    }
    if ((error as Error).name === "ImageNotFoundException") {
      throw new Error(
        `${url} has no image ${imageTag}. Push it, or promote it from the environment before: npm run promote`,
      );
    }
    throw error;
  } finally {
    ecr.destroy();
  }
}

/** @throws when a report cannot be what this deploy was reviewed by */
export function checkReviewed(
  file: string,
  reviewed: Report,
  environment: string,
  imageTag: string,
) {
  const expected = { environment, imageTag };
  for (const field of ["environment", "imageTag"] as const) {
    if (reviewed[field] === expected[field]) continue;
    throw new Error(
      `${file}: ${field} is "${reviewed[field]}", expected "${expected[field]}", which is to be deployed`,
    );
  }
  const failed = reviewed.states.filter(({ outcome }) => outcome === "error");
  if (failed.length > 0) {
    throw new Error(
      `${file}: ${failed.map(({ state }) => state).join(", ")} could not be planned, so nobody has reviewed it. Mend it and plan again.`,
    );
  }
}
