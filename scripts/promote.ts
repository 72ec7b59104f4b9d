/**
 * Copies an image from the repositories of one environment to those of the next, with credentials of
 * the next one's account.
 *
 * Writes the digest to stdout, one line for each service, and all else to stderr.
 */
import { taggedImage } from "../delivery/images/image-reference";
import { promoteImage } from "../delivery/images/promote-image";
import { requireCredentials } from "../delivery/require-credentials";
import { forApp } from "../delivery/app";
import { mainForApp } from "./main";

mainForApp(
  "npm run promote -- <from> <to> --image-tag <sha>[@<digest>]",
  {
    "image-tag": { type: "string", default: "" },
  },
  async ({ output }, { "image-tag": image }, from = "", to = "") => {
    await requireCredentials();
    const digests = await promoteImage({
      from,
      to,
      ...taggedImage(image),
      output,
      say: console.error,
    });
    console.log(digests.join("\n"));
    const [plan, deploy] = ["plan", "deploy"].map((command) =>
      forApp(`npm run ${command} -- ${to} --image-tag ${image}`),
    );
    console.error(`${to} has the image. Next: ${plan}, then ${deploy}`);
    return 0;
  },
);
