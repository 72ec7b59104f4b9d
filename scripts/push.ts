/**
 * Pushes images that `docker buildx build --output type=oci,tar=false,dest=<folder>/<service>` wrote to an
 * environment's repositories, side by side, with their attestations and without Docker. What a repository has
 * already needs no folder.
 */
import { pushImages } from "../delivery/images/push-images";
import {
  committedImages,
  imageTagOptions,
  namedImages,
  refuseUncommitted,
} from "../delivery/images/service-images";
import { requireCredentials } from "../delivery/require-credentials";
import { forApp } from "../delivery/app";
import { mainForApp } from "./main";
import { isService, type ServiceState, statesOf } from "../delivery/synthesized/states";

mainForApp(
  "npm run push -- <environment> <folder> [--image-tag <image>]... [--service <name>]...",
  {
    "image-tag": { type: "string", multiple: true, default: [] },
    // Whose images are pushed, where that is not all services'.
    service: { type: "string", multiple: true, default: [] },
  },
  async ({ output }, values, environment = "", folder = "") => {
    const all = statesOf(environment, output).filter(isService);
    const services = selected(all, values.service);
    const named = namedImages(all, values["image-tag"]);
    if (named.size === 0) await refuseUncommitted(services);
    const images = named.size === 0 ? await committedImages(services) : named;
    await requireCredentials();
    const pushed = await pushImages({ services, images, folder, say: console.log });
    const deploy = `npm run deploy -- ${environment} ${imageTagOptions(pushed)}`;
    console.log(`Deploy it: ${forApp(deploy)}`);
    return 0;
  },
);

/** @throws when a `--service` is none of the platform's */
function selected(services: readonly ServiceState[], names: readonly string[]) {
  const known = services.map(({ service }) => service);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(`--service is "${unknown}", expected one of ${known.join(", ")}`);
  }
  return names.length === 0 ? services : services.filter(({ service }) => names.includes(service));
}
