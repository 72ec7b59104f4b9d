import type { Environment } from "../model/environment";
import type { Platform } from "../model/platform";
import { sourceFile } from "../model/problem";

interface Deployed {
  readonly platform: Platform;
  readonly environment: Environment;
}

/** So that the shortened name of a target group, of at most 32 characters, still begins with both. */
const MAX_LENGTH = 22;

/** @throws when the names of platform and environment are too long together */
export function refuseLongNames({ platform, environment }: Deployed) {
  if (platform.name.length + environment.name.length <= MAX_LENGTH) return;
  throw new Error(
    `${sourceFile(platform.file)}: name is "${platform.name}", expected at most ${MAX_LENGTH - environment.name.length} characters beside ${sourceFile(environment.file)}: name "${environment.name}"`,
  );
}

/**
 * All names begin with `<platform>-<environment>`. The service `api` of the platform `shop` in `dev` has the names
 * of a platform `shop-dev` in an environment `api`, so that the name of an environment cannot be a part of a
 * platform's name.
 *
 * @throws when the platform's name contains the name of the environment
 */
export function refuseAmbiguousNames({ platform, environment }: Deployed) {
  if (!platform.name.split("-").slice(1).includes(environment.name)) return;
  throw new Error(
    `${sourceFile(platform.file)}: name is "${platform.name}", expected a name without the part "${environment.name}", which is the name of an environment (${sourceFile(environment.file)})`,
  );
}
