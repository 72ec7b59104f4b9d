import { accessToken, withAccessToken } from "./access-token";
import { itemPaths } from "./item-paths";
import { headers } from "./responses";
import { componentSchemas } from "./schemas";
import { servicePaths } from "./service-paths";

export interface DocumentOptions {
  /** Whether `/items` requires an access token. */
  readonly auth: "none" | "bearer";
}

/** The OpenAPI 3.1 document of the API, made from the same schemas that validate requests. */
export function openApiDocument({ auth }: DocumentOptions) {
  const needsToken = auth === "bearer";
  return {
    openapi: "3.1.0",
    info: {
      title: "Inventory API",
      version: "1.0.0",
      description:
        "The items of an inventory, and the quantity of each in stock.\n\n" +
        "Errors are `application/problem+json` (RFC 9457). Every path with GET also accepts HEAD. " +
        "OPTIONS names the methods of a path, and any other method gets 405 with the same `Allow` header.",
    },
    servers: [{ url: "/" }],
    tags: [
      { name: "items", description: "The inventory" },
      { name: "service", description: "Health, and this document" },
    ],
    paths: { ...(needsToken ? withAccessToken(itemPaths) : itemPaths), ...servicePaths },
    components: {
      schemas: componentSchemas(),
      headers,
      ...(needsToken && { securitySchemes: { accessToken } }),
    },
  };
}
