import type { Environment } from "../model/environment";
import type { Platform } from "../model/platform";
import { sourceFile } from "../model/problem";

interface Deployed {
  readonly platform: Platform;
  readonly environment: Environment;
}

/**
 * The longest that both names may be together. The name of a target group has at most 32 characters, and this
 * limit makes sure that a shortened one still begins with both names.
 */
const MAX_LENGTH = 22;

/** @throws when the names of the platform and the environment are together too long */
export function refuseLongNames({ platform, environment }: Deployed) {
  if (platform.name.length + environment.name.length <= MAX_LENGTH) return;
  throw new Error(
    `${sourceFile(platform.file)}: name is "${platform.name}", expected at most ${MAX_LENGTH - environment.name.length} characters beside ${sourceFile(environment.file)}: name "${environment.name}"`,
  );
}

/**
 * All names begin with `<platform>-<environment>`. The service `api` of the platform `shop` in the environment
 * `dev` would have the same names as a platform `shop-dev` in an environment `api`. The name of a platform
 * therefore must not contain the name of an environment.
 *
 * @throws when the platform's name contains the name of the environment
 */
export function refuseAmbiguousNames({ platform, environment }: Deployed) {
  if (!platform.name.split("-").slice(1).includes(environment.name)) return;
  throw new Error(
    `${sourceFile(platform.file)}: name is "${platform.name}", expected a name without the part "${environment.name}", which is the name of an environment (${sourceFile(environment.file)})`,
  );
}
