/**
 * Pushes an image that `docker buildx build --output type=oci,tar=false,dest=<folder>` wrote to an
 * environment's repository, with its attestations.
 */
import { ECRClient } from "@aws-sdk/client-ecr";
import { EcrRepository } from "./images/ecr-repository";
import { copyImage } from "./images/image";
import { OciLayout } from "./images/oci-layout";
import { repositoryOf } from "./images/repository-url";
import { main } from "./main";
import { checkImageTag } from "./plan/image-tag";
import { isService, OUTPUT, type State, statesOf } from "./states";
import { repositoryUrlOf } from "./synthesized";

main(
  "npm run push -- <environment> <folder> --image-tag <sha> [--service <state>]",
  {
    "image-tag": { type: "string", default: "" },
    // Whose image it is, where there are several.
    service: { type: "string" },
    output: { type: "string", default: OUTPUT },
  },
  async (values, environment = "", folder = "") => {
    const tag = values["image-tag"];
    checkImageTag(tag);
    const layout = new OciLayout(folder);
    const url = repositoryUrlOf(theService(statesOf(environment, values.output), values.service));
    const { region, ...name } = repositoryOf(url);
    const ecr = new ECRClient({ region });
    try {
      const repository = new EcrRepository(ecr, name);
      const present = await repository.tagged(tag);
      if (present !== undefined && present !== layout.digest) {
        // Tags never move: a build that is repeated is another digest, of the same commit.
        console.log(`${url}:${tag} is there already, as ${present}, and stays.`);
        return 0;
      }
      await copyImage(layout, repository, layout.digest, tag);
      console.log(`Pushed ${url}:${tag}, ${layout.digest}.`);
      console.log(`Deploy it: npm run deploy -- ${environment} --image-tag ${tag}`);
      return 0;
    } finally {
      ecr.destroy();
    }
  },
);

/** @throws when it is not clear whose image it is */
function theService(states: readonly State[], wanted: string | undefined) {
  const services = states.filter(isService);
  const [service, ...others] = services.filter(({ name }) => (wanted ?? name) === name);
  if (!service || others.length > 0) {
    const known = services.map(({ name }) => name).join(", ");
    throw new Error(`--service is "${wanted ?? ""}", expected one of ${known}`);
  }
  return service;
}
