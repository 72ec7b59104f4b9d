import type { TokenIssuer } from "../environments/environment";
import type { Platform } from "../platforms/platform";
import type { TokenIssuer as RunningIssuer } from "./token-issuer";

/** The platform, with access tokens asked for by all of its services. */
export const withAccessTokens = (platform: Platform): Platform => ({
  ...platform,
  services: platform.services.map((service) => ({ ...service, auth: "bearer" })),
});

/** The local issuer as an environment's file would name it. */
export const environmentsIssuer = ({ url, audience, keysUrl }: RunningIssuer): TokenIssuer => ({
  issuer: url,
  audience,
  keys: { kind: "url", url: keysUrl },
});
