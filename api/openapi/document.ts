import { accessToken, withAccessToken } from "./access-token";
import { itemPaths } from "./item-paths";
import { headers } from "./responses";
import { componentSchemas } from "./schemas";
import { servicePaths } from "./service-paths";

export interface DocumentOptions {
  /** Whether `/items` needs an access token. */
  readonly auth: "none" | "bearer";
}

/** What the API takes and answers, made from the schemas that it validates with: OpenAPI 3.1. */
export function openApiDocument({ auth }: DocumentOptions) {
  const needsToken = auth === "bearer";
  return {
    openapi: "3.1.0",
    info: {
      title: "Inventory API",
      version: "1.0.0",
      description:
        "Items, and how many of each are in stock.\n\n" +
        "Errors are `application/problem+json` (RFC 9457). Where there is GET there is also HEAD; " +
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
