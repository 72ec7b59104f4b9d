import { readConfig } from "../../api/config";

test("an empty environment gives the defaults", () => {
  expect(readConfig({})).toEqual({
    port: 8080,
    host: "0.0.0.0",
    tables: undefined,
    logLevel: "info",
    metrics: "off",
  });
});

test("each variable is read, and others are nobody's business", () => {
  const environment = {
    PORT: "65535",
    HOST: "127.0.0.1",
    ITEMS_TABLE: "inventory-dev-items",
    CLAIMS_TABLE: "inventory-dev-claims",
    LOG_LEVEL: "debug",
    METRICS: "emf",
    PATH: "/bin",
  };
  expect(readConfig(environment)).toEqual({
    port: 65535,
    host: "127.0.0.1",
    tables: { itemsTable: "inventory-dev-items", claimsTable: "inventory-dev-claims" },
    logLevel: "debug",
    metrics: "emf",
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

test.each([
  ["ITEMS_TABLE", "CLAIMS_TABLE"],
  ["CLAIMS_TABLE", "ITEMS_TABLE"],
])("%s without %s is refused by the name of the missing one", (given, missing) => {
  const read = () => readConfig({ [given]: "inventory-dev-table" });
  expect(read).toThrow(
    `${missing} is not set, expected the name of a DynamoDB table (3 to 255 of A-Z a-z 0-9 _ . -), ` +
      `or neither it nor ${given} to keep items in memory.\nCorrect the environment`,
  );
});

test("all wrong variables are named in one message", () => {
  const read = () => readConfig({ PORT: "x", ITEMS_TABLE: "inventory-dev-items", LOG_LEVEL: "y" });
  expect(read).toThrow(
    /^PORT is "x".*\nLOG_LEVEL is "y".*\nCLAIMS_TABLE is not set.*\nCorrect the environment/,
  );
});
