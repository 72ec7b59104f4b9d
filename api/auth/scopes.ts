export type Scope = "items:read" | "items:write";

/** The scope that the access token of a request to `/items` needs, by the request's method. */
export const scopeOf = (method: string): Scope =>
  ["GET", "HEAD"].includes(method.toUpperCase()) ? "items:read" : "items:write";
