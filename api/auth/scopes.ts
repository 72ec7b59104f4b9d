export type Scope = "items:read" | "items:write";

/** What an access token must allow for a request of this method to `/items`. */
export const scopeOf = (method: string): Scope =>
  ["GET", "HEAD"].includes(method.toUpperCase()) ? "items:read" : "items:write";
