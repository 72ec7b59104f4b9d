import { execFileSync } from "node:child_process";
import { readBackend } from "../synthesized/config";
import type { StateObjects } from "../backend/state-objects";
import { isService, type State } from "../synthesized/states";

/** In a report, stands for the image that each service was deployed with last. */
const DEPLOYED = "deployed";

/** Whether a report's `imageTag` names no image to deploy, because it was made with the deployed ones. */
export const isOfDeployedImages = (imageTag: string) => imageTag.startsWith(DEPLOYED);

/** The image that each service was deployed with last, by the service's state: of those that were. */
export async function deployedImageTags(
  states: readonly State[],
  existing: StateObjects | undefined,
) {
  const tags = await Promise.all(
    states.filter(isService).map(async ({ name, directory }) => {
      const outputs = await existing?.outputs(readBackend(directory).key);
      return [name, outputs?.deployed_image_tag] as const;
    }),
  );
  return new Map(tags.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/**
 * The `imageTag` of a report that was made without one: `deployed`, the commit that is checked out when no
 * service has been deployed yet, or both when only some have been.
 *
 * @param services the names of their states
 */
export function imagesOfPlan(
  services: readonly string[],
  deployed: ReadonlyMap<string, string>,
  commit: string,
) {
  const others = services.filter((name) => !deployed.has(name));
  if (deployed.size === 0) return commit;
  if (others.length === 0) return DEPLOYED;
  return `${DEPLOYED}, and ${commit} for ${others.join(", ")}`;
}

/** The commit that is checked out. */
export const headCommit = () =>
  execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
