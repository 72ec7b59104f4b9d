/**
 * Prints which images an environment is to run, each of the last commit that changed what it is built from: as
 * `present` those that are in their repositories, as values of `--image-tag`, and as `build` a JSON list of
 * those that are not. These are `name=value` lines, the form of a step's outputs.
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
