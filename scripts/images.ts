/**
 * Prints the images that an environment is to run. Each has as its tag the last commit that changed what it is built
 * from. The two `name=value` lines have the form of a step's outputs. `present` lists the images that are in their
 * repositories, as values of `--image-tag`. `build` is a JSON list of the images that have to be built.
 */
import { digestIn } from "../delivery/images/image-reference";
import { pinImagesThatExist } from "../delivery/images/pin-images";
import { committedImages } from "../delivery/images/service-images";
import { requireCredentials } from "../delivery/require-credentials";
import { cpuArchitectureOf } from "../delivery/synthesized/config";
import { isService, statesOf } from "../delivery/synthesized/states";
import { mainForApp } from "./main";

mainForApp(
  "npm run --silent images -- <environment>",
  {},
  async ({ output }, _values, environment = "") => {
    const services = statesOf(environment, output).filter(isService);
    await requireCredentials();
    const images = await pinImagesThatExist(services, await committedImages(services));
    const present = [...images].filter(([, image]) => digestIn(image) !== undefined);
    const build = services
      .map((state) => ({
        service: state.service,
        tag: images.get(state.service) ?? "",
        ...state.image,
        architecture: cpuArchitectureOf(state),
      }))
      .filter(({ tag }) => digestIn(tag) === undefined);
    console.log(`present=${present.map(([service, image]) => `${service}=${image}`).join(" ")}`);
    console.log(`build=${JSON.stringify(build)}`);
    return 0;
  },
);
