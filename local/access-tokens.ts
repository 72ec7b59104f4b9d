import type { Platform } from "../model/platform";

/** The platform, with access tokens asked for by all of its services. */
export const withAccessTokens = (platform: Platform): Platform => ({
  ...platform,
  services: platform.services.map((service) => ({ ...service, auth: "bearer" })),
});
