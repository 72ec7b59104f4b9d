import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readScanExceptions } from "../../../delivery/images/scan-exceptions";
import { refused } from "../../../delivery/images/scan-findings";

const folder = mkdtempSync(join(tmpdir(), "exceptions-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function reading(text: string) {
  writeFileSync(join(folder, "scan-exceptions.yaml"), text);
  return () => readScanExceptions(folder);
}

const line = '- { finding: CVE-2026-1, reason: "not reachable from outside", until: 2026-12-31 }';

test("the project's own file can be read", () => {
  expect(readScanExceptions()).toEqual([]);
});

test("an exception is a line with a finding, a reason and an end", () => {
  expect(reading(line)()).toEqual([
    { finding: "CVE-2026-1", reason: "not reachable from outside", until: "2026-12-31" },
  ]);
  expect(reading("# none")()).toEqual([]);
});

test.each([
  ["no reason", '- { finding: CVE-1, until: 2026-12-31, reason: "" }', "[0].reason"],
  ["no end", '- { finding: CVE-1, reason: "long enough a reason" }', "[0].until"],
  ["an end that is no date", line.replace("2026-12-31", "never"), "[0].until"],
  ["every finding", line.replace("CVE-2026-1", '"*"'), "[0].finding"],
  ["a field that is not known", line.replace("until", "utnil"), "utnil"],
  ["no list", "finding: CVE-1", "array"],
])("%s is an error that says where", (_, text, where) => {
  expect(reading(text)).toThrow(where);
  expect(reading(text)).toThrow("scan-exceptions.yaml");
});

test("an exception lets its finding pass until its last day has ended", () => {
  const findings = [
    { name: "CVE-2026-1", description: "openssl 3.0.1" },
    { name: "CVE-2026-2", description: "zlib 1.2" },
  ];
  const exceptions = reading(line)();
  expect(refused(findings, exceptions, "2026-12-31")).toEqual(["CVE-2026-2: zlib 1.2"]);
  expect(refused(findings, exceptions, "2027-01-01")).toEqual([
    "CVE-2026-1: openssl 3.0.1 (its exception ended on 2026-12-31)",
    "CVE-2026-2: zlib 1.2",
  ]);
});
