/**
 * Pushes images and their attestations to the repositories of an environment, at the same time and without Docker.
 * `docker buildx build --output type=oci,tar=false,dest=<folder>/<service>` writes the folder of an image. An image
 * that its repository already has needs no folder.
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
    // The services whose images are pushed. Without this option, the images of all services are pushed.
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
    console.log(`Next: ${forApp(deploy)}`);
    return 0;
  },
);

/** @throws when a `--service` is not a service of the platform */
function selected(services: readonly ServiceState[], names: readonly string[]) {
  const known = services.map(({ service }) => service);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(`--service is "${unknown}", expected one of ${known.join(", ")}`);
  }
  return names.length === 0 ? services : services.filter(({ service }) => names.includes(service));
}
