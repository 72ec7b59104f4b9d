import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasPlaceholderAccount, readBackend } from "../synthesized/config";
import { ExistingBackend } from "../backend/existing-backend";
import { type Images, pinImagesThatExist } from "../images/pin-images";
import type { Report, StateReport } from "../report/report";
import { StateObjects } from "../backend/state-objects";
import { isService, type State } from "../synthesized/states";
import { deployedImageTags, headCommit, imagesOfPlan } from "./image-tag";
import { installProvider, planStates } from "./plan-states";

export interface PlanEnvironmentOptions {
  readonly environment: string;
  /** All states of the environment, or those of them that are wanted. */
  readonly states: readonly State[];
  /**
   * A commit SHA, a digest, or both.
   * @default - what each service was deployed with last, or the commit that is checked out
   */
  readonly imageTag: string | undefined;
  /** The image of each service. @default - `imageTag`, with its digest where the image is there */
  readonly images?: Images;
  readonly onPlanned?: (report: StateReport) => void;
}

/** Plans the states of an environment with the AWS, the credentials and the mirror that are set up. */
export async function planEnvironment(options: PlanEnvironmentOptions): Promise<Report> {
  const { environment, states, imageTag, images, onPlanned } = options;
  const scratch = mkdtempSync(join(tmpdir(), "plan-"));
  try {
    // Side by side, as neither needs the other.
    const [provider, { existing, planned }] = await Promise.all([
      installProvider(states, scratch),
      whatStands(states, imageTag, images),
    ]);
    const fallback = imageTag ?? headCommit();
    const reports = await planStates({
      states,
      existing,
      provider,
      scratch,
      environment: ({ name }) => ({
        ...process.env,
        TF_VAR_image_tag: planned.get(name) ?? fallback,
      }),
      onPlanned,
    });
    return {
      environment,
      imageTag:
        imageTag === undefined && images === undefined
          ? imagesOfPlan(
              states.filter(isService).map(({ name }) => name),
              planned,
              fallback,
            )
          : named(planned, fallback),
      states: reports,
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The states that exist, and the image to plan each service with. */
async function whatStands(
  states: readonly State[],
  imageTag: string | undefined,
  images: Images | undefined,
) {
  const existing = await existingStates(states);
  if (images) return { existing, planned: images };
  if (imageTag === undefined) {
    return { existing, planned: await deployedImageTags(states, existing) };
  }
  const none: Images = new Map();
  return { existing, planned: existing ? await pinImagesThatExist(states, imageTag) : none };
}

/** The one image of all services, or the name that was given for theirs. */
function named(images: Images, given: string) {
  const [image = given, ...others] = new Set(images.values());
  return others.length === 0 ? image : given;
}

/** The environment's states, or nothing while it has no account or no backend yet. */
export async function existingStates([first]: readonly State[]) {
  if (!first) return undefined;
  if (hasPlaceholderAccount(first)) return undefined;
  const backend = readBackend(first.directory);
  return (await new ExistingBackend(backend).isUsable()) ? new StateObjects(backend) : undefined;
}
