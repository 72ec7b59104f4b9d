import { readConfig } from "../../api/config";
import { publicKey } from "../support/public-key";

test("an empty environment gives the defaults", () => {
  expect(readConfig({})).toEqual({
    port: 8080,
    host: "0.0.0.0",
    tables: undefined,
    logLevel: "info",
    metrics: "off",
    tokenIssuer: undefined,
  });
});

test("each variable is read, and others are ignored", () => {
  const env = {
    PORT: "65535",
    HOST: "127.0.0.1",
    ITEMS_TABLE: "inventory-dev-items",
    CLAIMS_TABLE: "inventory-dev-claims",
    LOG_LEVEL: "debug",
    METRICS: "emf",
    PATH: "/bin",
  };
  expect(readConfig(env)).toEqual({
    port: 65535,
    host: "127.0.0.1",
    tables: { itemsTable: "inventory-dev-items", claimsTable: "inventory-dev-claims" },
    logLevel: "debug",
    metrics: "emf",
    tokenIssuer: undefined,
  });
});

test.each([
  ["PORT", "http", "an integer from 1 to 65535"],
  ["PORT", "", "an integer from 1 to 65535"],
  ["PORT", "0", "an integer from 1 to 65535"],
  ["PORT", "65536", "an integer from 1 to 65535"],
  ["PORT", "80.5", "an integer from 1 to 65535"],
  ["HOST", "", "the address to listen on"],
  ["ITEMS_TABLE", "", "the name of a DynamoDB table"],
  ["ITEMS_TABLE", "a table", "the name of a DynamoDB table"],
  ["CLAIMS_TABLE", "a/table", "the name of a DynamoDB table"],
  ["LOG_LEVEL", "loud", "one of fatal, error, warn, info"],
  ["METRICS", "on", "one of emf, off"],
  ["METRICS", "", "one of emf, off"],
])("%s=%j is refused by name and value, with what is expected", (name, value, expected) => {
  const message = `${name} is ${JSON.stringify(value)}, expected ${expected}`;
  expect(() => readConfig({ [name]: value })).toThrow(message);
});

describe("access tokens", () => {
  const settings = {
    AUTH: "bearer",
    AUTH_ISSUER: "https://login.example/",
    AUTH_AUDIENCE: "items",
  };
  const inline = (...keys: object[]) => ({ ...settings, AUTH_KEYS: JSON.stringify({ keys }) });

  test("are of an issuer whose keys are given, or the URL where it publishes them", () => {
    const tokenIssuer = { issuer: "https://login.example/", audience: "items" };
    expect(readConfig(inline(publicKey)).tokenIssuer).toEqual({
      ...tokenIssuer,
      keys: { keys: [publicKey] },
    });
    expect(
      readConfig({ ...settings, AUTH_KEYS_URL: "https://login.example/keys" }).tokenIssuer,
    ).toEqual({ ...tokenIssuer, keys: new URL("https://login.example/keys") });
  });

  test.each([
    ["AUTH", { AUTH: "basic" }, "one of bearer, none"],
    ["AUTH", { AUTH: "" }, "one of bearer, none"],
    [
      "AUTH_ISSUER",
      { ...inline(publicKey), AUTH_ISSUER: undefined },
      "the issuer of access tokens",
    ],
    ["AUTH_AUDIENCE", { ...inline(publicKey), AUTH_AUDIENCE: "" }, "the audience of access tokens"],
    ["AUTH_KEYS", settings, "the issuer's public keys"],
    ["AUTH_KEYS", { ...settings, AUTH_KEYS: "{" }, "the issuer's public keys"],
    ["AUTH_KEYS", inline(), "the issuer's public keys"],
    ["AUTH_KEYS", inline({ kty: "oct", k: "c2VjcmV0" }), "the issuer's public keys"],
    ["AUTH_KEYS", inline({ ...publicKey, d: "private" }), "the issuer's public keys"],
    ["AUTH_KEYS", inline({ ...publicKey, x: publicKey.y }), "the issuer's public keys"],
    [
      "AUTH_KEYS",
      { ...inline(publicKey), AUTH_KEYS_URL: "https://login.example/keys" },
      "the issuer's public keys",
    ],
    ["AUTH_KEYS_URL", { ...settings, AUTH_KEYS_URL: "file:///keys" }, "the URL of the issuer's"],
    ["AUTH_ISSUER", { AUTH_ISSUER: "https://login.example/" }, "the issuer of access tokens"],
    [
      "AUTH_KEYS",
      { AUTH: "none", AUTH_KEYS: inline(publicKey).AUTH_KEYS },
      "the issuer's public keys",
    ],
  ])("%s is refused when it does not fit: %j", (name, env, expected) => {
    expect(() => readConfig(env)).toThrow(new RegExp(`^${name} is .*, expected ${expected}`, "m"));
  });
});

test.each([
  ["ITEMS_TABLE", "CLAIMS_TABLE"],
  ["CLAIMS_TABLE", "ITEMS_TABLE"],
])("%s without %s is refused by the name of the missing one", (given, missing) => {
  const read = () => readConfig({ [given]: "inventory-dev-table" });
  expect(read).toThrow(
    `${missing} is not set, expected the name of a DynamoDB table (3 to 255 of A-Z a-z 0-9 _ . -); ` +
      `to keep items in memory, set neither this nor ${given}.\nCorrect the environment variables`,
  );
});

test("all wrong variables are named in one message", () => {
  const read = () => readConfig({ PORT: "x", ITEMS_TABLE: "inventory-dev-items", LOG_LEVEL: "y" });
  expect(read).toThrow(
    /^PORT is "x".*\nLOG_LEVEL is "y".*\nCLAIMS_TABLE is not set.*\nCorrect the environment/,
  );
});
