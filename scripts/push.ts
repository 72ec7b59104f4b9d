/**
 * Pushes an image that `docker buildx build --output type=oci,tar=false,dest=<folder>` wrote to an
 * environment's repository, with its attestations and without Docker.
 */
import { copyImage } from "../delivery/images/copy-image";
import { EcrRepository } from "../delivery/images/ecr-repository";
import { OciLayout } from "../delivery/images/oci-layout";
import { repositoriesOf } from "../delivery/images/repositories";
import { requireCredentials } from "../delivery/require-credentials";
import { forApp } from "../delivery/app";
import { mainForApp } from "./main";
import { taggedImage } from "../delivery/images/image-reference";

mainForApp(
  "npm run push -- <environment> <folder> --image-tag <sha>[@<digest>] [--service <name>]",
  {
    "image-tag": { type: "string", default: "" },
    // Whose image it is, where the platform has several services.
    service: { type: "string" },
  },
  async ({ output }, { "image-tag": image, service }, environment = "", folder = "") => {
    const { tag, digest } = taggedImage(image);
    const from = new OciLayout(folder);
    const to = new EcrRepository(theRepository(repositoriesOf(output, environment), service));
    await requireCredentials();
    try {
      const pushed = await copyImage({ from, to, tag, digest });
      console.log(`Pushed ${to.name}:${tag}, ${pushed.digest}.`);
      const deploy = `npm run deploy -- ${environment} --image-tag ${tag}@${pushed.digest}`;
      console.log(`Deploy it: ${forApp(deploy)}`);
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
