import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Report, readReport } from "../../../scripts/report/report";

const folder = mkdtempSync(join(tmpdir(), "report-"));
const file = join(folder, "dev.json");

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const REPORT: Report = {
  environment: "dev",
  imageTag: "deployed",
  states: [{ state: "dev-alb", outcome: "no changes", detail: "", changes: [], plan: "" }],
};

function reading(text: string) {
  writeFileSync(file, text);
  return () => readReport(file);
}

test("what was written is read", () => {
  expect(reading(JSON.stringify(REPORT))()).toEqual(REPORT);
});

test.each([
  ["no JSON", "{", /dev\.json is not a report of npm run plan.*JSON/],
  ["another document", "{}", /environment/],
  [
    "an outcome that there is not",
    JSON.stringify({ ...REPORT, states: [{ ...REPORT.states[0], outcome: "fine" }] }),
    /states\[0\]\.outcome/,
  ],
])("%s is refused, with the place where it goes wrong", (_, text, message) => {
  expect(reading(text)).toThrow(message);
});

test("a file that is not there is refused by its name", () => {
  expect(() => readReport("missing.json")).toThrow(/missing\.json is not a report of npm run plan/);
});
