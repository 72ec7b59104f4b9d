import type { StateObjects } from "../backend/state-objects";
import type { pinImages } from "../images/pin-images";
import { committedImages, type Images } from "../images/service-images";
import { readBackend } from "../synthesized/config";
import type { ServiceState } from "../synthesized/states";

/**
 * The image of each service. It is the image that was named for the service, otherwise the image of its last deploy.
 * A service that has not been deployed yet gets the image of the last commit that changed what it is built from.
 *
 * A deployed image stays exactly as the state has it, because a digest that is added to the same image would change
 * the task definition.
 *
 * @param existing the environment's states; `undefined` while it has none
 * @param pin finds the digests of the images that differ from the deployed ones
 */
export async function imagesToRun(
  services: readonly ServiceState[],
  named: Images,
  existing: StateObjects | undefined,
  pin: typeof pinImages,
): Promise<Images> {
  const deployed = await deployedImages(services, existing);
  const known = new Map([...deployed, ...named]);
  const others = services.filter(({ service }) => !known.has(service));
  const images = new Map([...known, ...(await committedImages(others))]);
  const changed = [...images].filter(([service, image]) => deployed.get(service) !== image);
  return new Map([...images, ...(await pin(services, new Map(changed)))]);
}

/** The image of the last deploy of each service that has been deployed. */
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
