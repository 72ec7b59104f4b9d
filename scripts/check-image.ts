/**
 * Checks whether images can be deployed. The repositories of the environment's services must have them. In a protected
 * environment they must also be attested and scanned. The rollback workflow runs this before it asks for an approval.
 */
import { admitImages } from "../delivery/images/admission";
import { pinImages } from "../delivery/images/pin-images";
import { imageTagOptions, wantedImages } from "../delivery/images/service-images";
import { requireCredentials } from "../delivery/require-credentials";
import { forApp } from "../delivery/app";
import { mainForApp } from "./main";
import { isService, statesOf } from "../delivery/synthesized/states";
import { isProtected } from "../delivery/synthesized/config";

mainForApp(
  "npm run check-image -- <environment> [--image-tag <image>]...",
  { "image-tag": { type: "string", multiple: true, default: [] } },
  async ({ output }, { "image-tag": imageTags }, environment = "") => {
    const states = statesOf(environment, output);
    const services = states.filter(isService);
    const wanted = await wantedImages(services, imageTags);
    await requireCredentials();
    const images = await pinImages(services, wanted);
    if (isProtected(states)) await admitImages(services, images);
    for (const [service, image] of images) console.log(`${service}: ${image}`);
    const deploy = forApp(`npm run deploy -- ${environment} ${imageTagOptions(images)}`);
    console.log(`${environment} can run these images. Deploy them: ${deploy}`);
    return 0;
  },
);
