/**
 * Copies an image from the repositories of one environment to those of the next, with credentials of
 * the next one's account.
 *
 * Writes the digest to stdout, one line for each service, and all else to stderr.
 */
import { promoteImage } from "./images/promote-image";
import { main } from "./main";
import { OUTPUT } from "./states";

main(
  "npm run promote -- <from> <to> --image-tag <sha>",
  {
    "image-tag": { type: "string", default: "" },
    output: { type: "string", default: OUTPUT },
  },
  async ({ "image-tag": tag, output }, from = "", to = "") => {
    checkCommit(tag);
    const digests = await promoteImage({ from, to, tag, output, say: console.error });
    console.log(digests.join("\n"));
    console.error(
      `${to} has the image. Next: npm run plan -- ${to} --image-tag ${tag}, then npm run deploy -- ${to} --image-tag ${tag}`,
    );
    return 0;
  },
);

/** @throws also for a digest: an image without a tag would expire after a day */
function checkCommit(tag: string) {
  if (/^[0-9a-f]{40}$/.test(tag)) return;
  throw new Error(
    `--image-tag is "${tag}", expected a full commit SHA of 40 hex digits, which the image is tagged with`,
  );
}
