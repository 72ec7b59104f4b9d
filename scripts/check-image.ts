/**
 * Says whether an image can be deployed: whether the repository of every service of an environment
 * has it. A rollback asks before anyone is asked to approve it.
 */
import { checkImages } from "./deploy/preconditions";
import { main } from "./main";
import { checkImageTag } from "./plan/image-tag";
import { OUTPUT, statesOf } from "./states";

main(
  "npm run check-image -- <environment> --image-tag <sha>",
  {
    "image-tag": { type: "string", default: "" },
    output: { type: "string", default: OUTPUT },
  },
  async ({ "image-tag": tag, output }, environment = "") => {
    checkImageTag(tag);
    await checkImages(environment, statesOf(environment, output), tag);
    console.log(`${environment} has the image ${tag}.`);
    console.log(`Deploy it: npm run deploy -- ${environment} --image-tag ${tag}`);
    return 0;
  },
);
