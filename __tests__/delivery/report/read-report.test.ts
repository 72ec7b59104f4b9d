import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Report, readReport } from "../../../delivery/report/report";

const folder = mkdtempSync(join(tmpdir(), "report-"));
const file = join(folder, "dev.json");

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const REPORT: Report = {
  environment: "dev",
  images: { api: "0123456789012345678901234567890123456789" },
  states: [{ state: "dev-alb", outcome: "no changes", detail: "", changes: [], plan: "" }],
};

function reading(text: string) {
  writeFileSync(file, text);
  return () => readReport(file);
}

test("a written report can be read", () => {
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
  [
    "an environment that is Markdown",
    JSON.stringify({ ...REPORT, environment: "dev | @everyone" }),
    /environment/,
  ],
  [
    "a service that is Markdown",
    JSON.stringify({ ...REPORT, images: { "@everyone": REPORT.images.api } }),
    /images/,
  ],
  [
    "an image that ends its code span",
    JSON.stringify({ ...REPORT, images: { api: "` @everyone" } }),
    /images\.api/,
  ],
  [
    "a state that is HTML",
    JSON.stringify({ ...REPORT, states: [{ ...REPORT.states[0], state: "</summary><h1>" }] }),
    /states\[0\]\.state/,
  ],
  [
    "a state that waits for Markdown",
    JSON.stringify({
      ...REPORT,
      states: [{ ...REPORT.states[0], outcome: "waits", detail: "[x](http://evil.example)" }],
    }),
    /states\[0\]\.detail/,
  ],
  [
    "an address that ends its code span",
    JSON.stringify({
      ...REPORT,
      states: [
        {
          ...REPORT.states[0],
          changes: [{ address: "a.b`\n# Approved", action: "add", stateful: true, attributes: {} }],
        },
      ],
    }),
    /states\[0\]\.changes\[0\]\.address/,
  ],
])("%s is refused, with the place where it goes wrong", (_, text, message) => {
  expect(reading(text)).toThrow(message);
});

test("a link is refused: it may lead to what only the reader can read", () => {
  writeFileSync(join(folder, "secret.json"), JSON.stringify(REPORT));
  symlinkSync(join(folder, "secret.json"), join(folder, "link.json"));
  expect(() => readReport(join(folder, "link.json"))).toThrow(/link\.json.*it is not a file/);
});

test("a file that is too large is refused before it is read", () => {
  truncateSync(file, 51 * 1024 * 1024);
  expect(() => readReport(file)).toThrow(/it has 53477376 bytes, expected at most 52428800/);
});

test("a file that is not there is refused by its name", () => {
  expect(() => readReport("missing.json")).toThrow(/missing\.json is not a report of npm run plan/);
});
