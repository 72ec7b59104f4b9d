import { parseImageReference } from "../delivery/images/image-reference";
import { type Images, namedImages } from "../delivery/images/service-images";
import { imageVariable } from "../delivery/plan/plan-environment";
import { step } from "../delivery/deploy/progress";
import { isService, readStates } from "../delivery/synthesized/states";
import { childEnv } from "./child-env";
import { deployStates } from "./deploy/deploy";
import { publishImages } from "./images/publish-image";
import { layoutOf } from "./layout";
import { readRunning } from "./running";

export interface DeployImagesOptions {
  /** Values of `--image-tag`: `<commit SHA>` for all services, `<service>=<commit SHA>` for one. */
  readonly imageTags: readonly string[];
  /** The root of the repository. */
  readonly root: string;
  /** The folder with all files of the running platform. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/**
 * Builds images of services and deploys them onto the running platform.
 *
 * @returns the images that were deployed
 * @throws when no platform runs, when a tag is not a commit SHA, and when the new tasks fail
 */
export async function deployImages(options: DeployImagesOptions): Promise<Images> {
  const { imageTags, root, directory, signal } = options;
  for (const value of imageTags) refuseDigest(value);
  const layout = layoutOf(directory);
  const running = readRunning(layout.running);
  if (!running) {
    throw new Error("No local platform runs here. Start one first: npm start");
  }
  const services = readStates(layout.states).filter(isService);
  const tags = namedImages(services, imageTags);
  const images = await step(`Publishing the image of ${[...tags.keys()].join(", ")}`, () =>
    publishImages({ aws: running.aws, services, tags, root, imagesDirectory: layout.images }),
  );
  await deployStates({
    states: services.filter(({ service }) => images.has(service)),
    provider: layout.provider,
    env: (state) => childEnv({ ...running.terraformEnv, ...imageVariable(state, images) }),
    signal,
  });
  return images;
}

/**
 * @param value the value of `--image-tag`
 * @throws when the value is not a commit SHA. A digest is refused, because it is known only after the build.
 */
function refuseDigest(value: string) {
  const image = value.slice(value.indexOf("=") + 1);
  if (parseImageReference(image, value).digest === undefined) return;
  throw new Error(
    `--image-tag names the image ${image}, expected a full commit SHA of 40 hex digits, such as that of git rev-parse HEAD: the image is built here, and its digest is not known before`,
  );
}
