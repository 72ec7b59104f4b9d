/**
 * Copies images from the repositories of one environment to those of the next environment. The credentials must be
 * for the account of the next environment.
 *
 * It writes a line `<service>=<sha>@<digest>` for each service to stdout, and everything else to stderr.
 */
import { promoteImages } from "../delivery/images/promote-images";
import { imageTagOptions, wantedImages } from "../delivery/images/service-images";
import { requireCredentials } from "../delivery/require-credentials";
import { forApp } from "../delivery/app";
import { mainForApp } from "./main";
import { isService, statesOf } from "../delivery/synthesized/states";

mainForApp(
  "npm run promote -- <from> <to> [--image-tag <image>]...",
  { "image-tag": { type: "string", multiple: true, default: [] } },
  async ({ output }, { "image-tag": imageTags }, from = "", to = "") => {
    const images = await wantedImages(statesOf(to, output).filter(isService), imageTags);
    await requireCredentials();
    const promoted = await promoteImages({ from, to, images, output, say: console.error });
    for (const [service, image] of promoted) console.log(`${service}=${image}`);
    const [plan, deploy] = ["plan", "deploy"].map((command) =>
      forApp(`npm run ${command} -- ${to} ${imageTagOptions(promoted)}`),
    );
    console.error(`${to} has these images. Next: ${plan}, then ${deploy}`);
    return 0;
  },
);
