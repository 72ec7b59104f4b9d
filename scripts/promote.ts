/**
 * Copies an image from the repositories of one environment to those of the next, with credentials of
 * the next one's account.
 *
 * Writes the digest to stdout, one line for each service, and all else to stderr.
 */
import { taggedImage } from "../delivery/images/image-reference";
import { promoteImage } from "../delivery/images/promote-image";
import { requireCredentials } from "../delivery/require-credentials";
import { main } from "./main";
import { OUTPUT } from "../delivery/synthesized/states";

main(
  "npm run promote -- <from> <to> --image-tag <sha>[@<digest>]",
  {
    "image-tag": { type: "string", default: "" },
    output: { type: "string", default: OUTPUT },
  },
  async ({ "image-tag": image, output }, from = "", to = "") => {
    await requireCredentials();
    const digests = await promoteImage({
      from,
      to,
      ...taggedImage(image),
      output,
      say: console.error,
    });
    console.log(digests.join("\n"));
    console.error(
      `${to} has the image. Next: npm run plan -- ${to} --image-tag ${image}, then npm run deploy -- ${to} --image-tag ${image}`,
    );
    return 0;
  },
);
