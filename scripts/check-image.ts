/**
 * Says whether an image can be deployed: whether the repository of every service of an environment
 * has it and, in a protected environment, whether it is attested and scanned. A rollback asks before
 * anyone is asked to approve it.
 */
import { admitImages } from "../delivery/images/admission";
import { pinImages } from "../delivery/images/pin-images";
import { requireCredentials } from "../delivery/require-credentials";
import { forApp } from "../delivery/app";
import { mainForApp } from "./main";
import { statesOf } from "../delivery/synthesized/states";
import { isProtected } from "../delivery/synthesized/config";

mainForApp(
  "npm run check-image -- <environment> --image-tag <sha>[@<digest>]",
  {
    "image-tag": { type: "string", default: "" },
  },
  async ({ output }, { "image-tag": tag }, environment = "") => {
    const states = statesOf(environment, output);
    await requireCredentials();
    const images = await pinImages(states, tag);
    if (isProtected(states)) await admitImages(states, images);
    for (const [state, image] of images) console.log(`${state}: ${image}`);
    const deploy = forApp(`npm run deploy -- ${environment} --image-tag ${tag}`);
    console.log(`${environment} has the image. Deploy it: ${deploy}`);
    return 0;
  },
);
