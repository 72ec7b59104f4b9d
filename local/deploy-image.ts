import { Terraform } from "../delivery/terraform/terraform";
import { childEnvironment } from "./child-environment";
import { deployStates } from "./deploy/deploy";
import { layoutOf } from "./layout";
import { step } from "../delivery/deploy/progress";
import { publishImage } from "./images/publish-image";
import { readRunning } from "./running";
import { readRepositoryUrls } from "./start";
import { isEcr, isService, readStates } from "../delivery/synthesized/states";

export interface DeployImageOptions {
  /** A commit SHA, 40 hex digits. */
  readonly tag: string;
  /** Folder of the Dockerfile. */
  readonly contextDirectory: string;
  /** Where the platform that runs writes everything. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/**
 * Builds an image and deploys it onto the platform that runs.
 *
 * @throws when none runs, when the tag is no commit SHA, and when the new tasks fail
 */
export async function deployImage({
  tag,
  contextDirectory,
  directory,
  signal,
}: DeployImageOptions) {
  if (!/^[0-9a-f]{40}$/.test(tag)) {
    throw new Error(
      `--image-tag is "${tag}", expected a full commit SHA of 40 hex digits, such as that of git rev-parse HEAD`,
    );
  }
  const layout = layoutOf(directory);
  const running = readRunning(layout.running);
  if (!running) {
    throw new Error("No local platform runs here. Start one first: npm start");
  }
  let image = tag;
  const environment = () =>
    childEnvironment({ ...running.terraformEnvironment, TF_VAR_image_tag: image });
  const states = readStates(layout.states);
  await step(`Publishing image ${tag}`, async () => {
    for (const { directory } of states.filter(isEcr)) {
      const terraform = new Terraform({ directory, environment: environment(), signal });
      image = await publishImage({
        aws: running.aws,
        repositoryUrls: await readRepositoryUrls(terraform),
        tag,
        contextDirectory,
        imagesDirectory: layout.images,
      });
    }
  });
  await deployStates({ states: states.filter(isService), environment, signal });
}
