import { readArguments } from "../../scripts/read-arguments";

const USAGE = "npm run plan -- <environment> [--image-tag <sha>] [--local]";
const options = {
  "image-tag": { type: "string" },
  local: { type: "boolean", default: false },
} as const;

const read = (...args: string[]) => readArguments(USAGE, options, args);

test("options and arguments may stand in any order", () => {
  const expected = {
    values: { "image-tag": "1", local: true },
    positionals: ["dev"],
  };
  expect(read("dev", "--image-tag", "1", "--local")).toMatchObject(expected);
  expect(read("--local", "--image-tag=1", "dev")).toMatchObject(expected);
});

test("an option that is not given has its default, or is not there", () => {
  expect({ ...read("dev").values }).toEqual({ local: false });
});

test.each([
  ["no argument", [], "0 arguments are given (), expected 1"],
  ["one too many", ["dev", "prod"], "2 arguments are given (dev prod), expected 1"],
  ["an unknown option", ["dev", "--image", "1"], "Unknown option '--image'"],
  ["an option without its value", ["dev", "--image-tag"], "'--image-tag <value>' argument missing"],
  ["a value where none belongs", ["dev", "--local=yes"], "'--local' does not take an argument"],
])("%s is refused with the usage", (_, args, problem) => {
  expect(() => read(...args)).toThrow(problem);
  expect(() => read(...args)).toThrow(`\nUsage: ${USAGE}`);
});

test("any number of arguments is taken where the usage says so", () => {
  const usage = "npm run comment -- <report>...";
  expect(readArguments(usage, {}, []).positionals).toEqual([]);
  expect(readArguments(usage, {}, ["a", "b"]).positionals).toEqual(["a", "b"]);
});
