import type { Environment } from "../model/environment";
import type { TokenIssuer } from "../model/token-issuer";
import type { Platform } from "../model/platform";
import { sourceFile } from "../model/problem";

/** The environment variables that make the container require access tokens of an issuer. */
export function authVariables({ issuer, audience, keys }: TokenIssuer): Record<string, string> {
  return {
    AUTH: "bearer",
    AUTH_ISSUER: issuer,
    AUTH_AUDIENCE: audience,
    ...(keys.kind === "url"
      ? { AUTH_KEYS_URL: keys.url }
      : { AUTH_KEYS: JSON.stringify({ keys: keys.keys }) }),
  };
}

/**
 * @throws when a service requires access tokens in an environment without a `tokenIssuer`, or requires none in an
 * environment that has `deletionProtection` but no `unauthenticated`
 */
export function refuseWrongAuth({
  platform,
  environment,
}: {
  readonly platform: Platform;
  readonly environment: Environment;
}) {
  const file = sourceFile(environment.file);
  const platformFile = sourceFile(platform.file);
  for (const { name, auth } of platform.services) {
    if (auth === "bearer" && !environment.tokenIssuer) {
      throw new Error(
        `${file}: tokenIssuer is not set, expected the issuer of the access tokens that the service ${name} asks for (${platformFile}: auth is "bearer")`,
      );
    }
    const { deletionProtection, unauthenticated } = environment;
    if (auth === "none" && deletionProtection && unauthenticated === undefined) {
      throw new Error(
        `${platformFile}: services.${name}.auth is "none", expected "bearer" in ${environment.name}, which is protected; or ${file} says in unauthenticated why everybody may use it`,
      );
    }
  }
}
