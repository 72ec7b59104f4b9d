import { prod } from "../../environments/prod";
import { staging } from "../../environments/staging";
import type { Environment } from "../../model/environment";
import type { TokenIssuer } from "../../model/token-issuer";
import { withAccessTokens } from "../../local/access-tokens";
import { platform as inventory } from "../../platforms/inventory/platform";
import type { Platform } from "../../model/platform";
import { synthesizedStates } from "../support/app";
import { publicKey } from "../support/public-key";

const issuer: TokenIssuer = {
  issuer: "https://login.example.com/",
  audience: "https://inventory.example.com",
  keys: { kind: "inline", keys: [publicKey] },
};
const bearer = withAccessTokens(inventory);

/** The environment variables of the container. */
function variables(platform: Platform, environment: Environment) {
  const state = synthesizedStates(platform, [environment])[`${environment.name}-ecs-service`];
  const definition = state?.resource.aws_ecs_task_definition?.task_definition;
  // The expression contains literals with the escapes of JSON.
  const literals = (definition?.container_definitions as string).matchAll(
    /"name" = "(?<name>\w+)", "value" = (?<value>"(?:[^"\\]|\\.)*")/g,
  );
  const entries = [...literals].map(
    ({ groups: { name = "", value = "" } = {} }) => [name, JSON.parse(value) as string] as const,
  );
  return Object.fromEntries(entries);
}

test("a service without authentication is not told of an issuer", () => {
  const names = Object.keys(variables(inventory, { ...staging, tokenIssuer: issuer }));
  expect(names.filter((name) => name.startsWith("AUTH"))).toEqual([]);
});

test("a service that requires access tokens gets their issuer, with keys or with their URL", () => {
  const common = {
    AUTH: "bearer",
    AUTH_ISSUER: "https://login.example.com/",
    AUTH_AUDIENCE: "https://inventory.example.com",
  };
  expect(variables(bearer, { ...staging, tokenIssuer: issuer })).toMatchObject({
    ...common,
    AUTH_KEYS: JSON.stringify({ keys: [publicKey] }),
  });
  const keys = { kind: "url", url: "https://login.example.com/keys" } as const;
  const byUrl = variables(bearer, { ...staging, tokenIssuer: { ...issuer, keys } });
  expect(byUrl).toMatchObject({ ...common, AUTH_KEYS_URL: keys.url });
  expect(byUrl).not.toHaveProperty("AUTH_KEYS");
});

test("synth refuses a service that requires access tokens without an issuer", () => {
  expect(() => synthesizedStates(bearer, [staging])).toThrow(
    "environments/staging.ts: tokenIssuer is not set, expected the issuer of the access tokens that the service inventory asks for",
  );
});

const { unauthenticated, ...prodWithoutReason } = prod;

test("synth refuses a protected environment that serves everyone, unless its file gives a reason", () => {
  expect(unauthenticated).toBeDefined();
  expect(() => synthesizedStates(inventory, [prodWithoutReason])).toThrow(
    'services.inventory.auth is "none", expected "bearer" in prod, which is protected; or environments/prod.ts says in unauthenticated why everybody may use it',
  );
  synthesizedStates(inventory, [prod]);
  synthesizedStates(inventory, [{ ...prodWithoutReason, deletionProtection: false }]);
  synthesizedStates(bearer, [{ ...prodWithoutReason, tokenIssuer: issuer }]);
});
