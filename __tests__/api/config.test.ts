import { readConfig } from "../../api/config";

test("an empty environment gives the defaults", () => {
  expect(readConfig({})).toEqual({
    port: 8080,
    host: "0.0.0.0",
    itemsTable: undefined,
    logLevel: "info",
  });
});

test("each variable is read, and others are nobody's business", () => {
  const environment = {
    PORT: "65535",
    HOST: "127.0.0.1",
    ITEMS_TABLE: "inventory-dev-items",
    LOG_LEVEL: "debug",
    PATH: "/bin",
  };
  expect(readConfig(environment)).toEqual({
    port: 65535,
    host: "127.0.0.1",
    itemsTable: "inventory-dev-items",
    logLevel: "debug",
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
  ["LOG_LEVEL", "loud", "one of fatal, error, warn, info"],
])("%s=%j is refused by name and value, with what is expected", (name, value, expected) => {
  const message = `${name} is ${JSON.stringify(value)}, expected ${expected}`;
  expect(() => readConfig({ [name]: value })).toThrow(message);
});

test("all wrong variables are named in one message", () => {
  const read = () => readConfig({ PORT: "x", LOG_LEVEL: "y" });
  expect(read).toThrow(/^PORT is "x".*\nLOG_LEVEL is "y".*\nCorrect the environment/);
});
