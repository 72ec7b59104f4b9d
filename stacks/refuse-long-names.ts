import type { Environment } from "../model/environment";
import type { Platform } from "../model/platform";
import { sourceFile } from "../model/problem";

/** So that the shortened name of a target group, of at most 32 characters, still begins with both. */
const MAX_LENGTH = 22;

/** @throws when the names of platform and environment are too long together */
export function refuseLongNames({
  platform,
  environment,
}: {
  readonly platform: Platform;
  readonly environment: Environment;
}) {
  if (platform.name.length + environment.name.length <= MAX_LENGTH) return;
  throw new Error(
    `${sourceFile(platform.file)}: name is "${platform.name}", expected at most ${MAX_LENGTH - environment.name.length} characters beside ${sourceFile(environment.file)}: name "${environment.name}"`,
  );
}
