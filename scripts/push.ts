/**
 * Pushes an image that `docker buildx build --output type=oci,tar=false,dest=<folder>` wrote to an
 * environment's repository, with its attestations and without Docker.
 */
import { copyImage } from "./images/copy-image";
import { EcrRepository } from "./images/ecr-repository";
import { OciLayout } from "./images/oci-layout";
import { repositoriesOf } from "./images/repositories";
import { main } from "./main";
import { checkImageTag } from "./plan/image-tag";
import { OUTPUT } from "./states";

main(
  "npm run push -- <environment> <folder> --image-tag <sha> [--service <state>]",
  {
    "image-tag": { type: "string", default: "" },
    // Whose image it is, where there are several, such as ecs-service.
    service: { type: "string" },
    output: { type: "string", default: OUTPUT },
  },
  async ({ "image-tag": tag, service, output }, environment = "", folder = "") => {
    checkImageTag(tag);
    const from = new OciLayout(folder);
    const to = new EcrRepository(theRepository(repositoriesOf(output, environment), service));
    try {
      const present = await to.image({ imageTag: tag });
      if (present && present.digest !== from.digest) {
        // Tags never move, and a build that is repeated is another digest of the same commit.
        console.log(`${to.name}:${tag} is there already, as ${present.digest}, and stays.`);
        return 0;
      }
      const { digest } = await copyImage({ from, to, tag });
      console.log(`Pushed ${to.name}:${tag}, ${digest}.`);
      console.log(`Deploy it: npm run deploy -- ${environment} --image-tag ${tag}`);
      return 0;
    } finally {
      to.close();
    }
  },
);

/** @throws when it is not clear whose image it is */
function theRepository<Address>(repositories: ReadonlyMap<string, Address>, service?: string) {
  const [first = ""] = repositories.keys();
  const repository = repositories.get(service ?? (repositories.size === 1 ? first : ""));
  if (!repository) {
    const known = [...repositories.keys()].join(", ");
    throw new Error(`--service is "${service ?? ""}", expected one of ${known}`);
  }
  return repository;
}
