import type { StateObjects } from "../backend/state-objects";
import { committedImages, type Images } from "../images/service-images";
import { readBackend } from "../synthesized/config";
import type { ServiceState } from "../synthesized/states";

/**
 * The image of each service: the one that is named for it, else the one that it was deployed with last. A service
 * that has not been deployed yet gets the image of the last commit that changed what it is built from.
 *
 * @param existing the environment's states, or nothing while it has none
 */
export async function imagesToRun(
  services: readonly ServiceState[],
  named: Images,
  existing: StateObjects | undefined,
): Promise<Images> {
  const unnamed = services.filter(({ service }) => !named.has(service));
  const deployed = await deployedImages(unnamed, existing);
  const committed = await committedImages(unnamed.filter(({ service }) => !deployed.has(service)));
  return new Map([...named, ...deployed, ...committed]);
}

/** Of the services that have been deployed: the image that each was deployed with last. */
async function deployedImages(
  services: readonly ServiceState[],
  existing: StateObjects | undefined,
): Promise<Images> {
  const entries = services.map(async ({ service, directory }) => {
    const outputs = await existing?.outputs(readBackend(directory).key);
    const image = outputs?.deployed_image_tag;
    return typeof image === "string" ? [[service, image] as const] : [];
  });
  return new Map((await Promise.all(entries)).flat());
}
