import type { Platform } from "../model/platform";

/** The platform with all of its services changed to require access tokens. */
export const withAccessTokens = (platform: Platform): Platform => ({
  ...platform,
  services: platform.services.map((service) => ({ ...service, auth: "bearer" })),
});
