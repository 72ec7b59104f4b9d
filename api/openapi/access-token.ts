import { scopeOf } from "../auth/scopes";
import { problem } from "./responses";

/** The security scheme of `/items` when it requires an access token. */
export const accessToken = {
  type: "http",
  scheme: "bearer",
  bearerFormat: "JWT",
  description:
    "The token's `scope` must contain `items:read` for GET, and `items:write` for all other methods.",
};

interface Operation {
  readonly responses: object;
}

const problems = {
  401: problem(401, "The request has no valid access token.", { headers: ["WWW-Authenticate"] }),
  403: problem(403, "The access token lacks the scope.", { headers: ["WWW-Authenticate"] }),
};

/**
 * Adds the required scope, and the answers to a missing or insufficient token, to each operation.
 */
export function withAccessToken<Paths extends Readonly<Record<string, object>>>(paths: Paths) {
  const secured = ([method, operation]: [string, Operation]) => [
    method,
    {
      ...operation,
      security: [{ accessToken: [scopeOf(method)] }],
      responses: { ...operation.responses, ...problems },
    },
  ];
  const entries = Object.entries(paths).map(([path, operations]) => [
    path,
    Object.fromEntries(
      Object.entries(operations as Record<string, Operation>).map(secured),
    ) as object,
  ]);
  return Object.fromEntries(entries) as Paths;
}
