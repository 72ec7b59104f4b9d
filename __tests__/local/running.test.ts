import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { readRunning, writeRunning } from "../../local/running";

const folder = mkdtempSync(join(tmpdir(), "running-"));
const file = join(folder, "running.json");
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const platformOf = (pid: number) => ({
  pid,
  aws: { endpoint: "http://127.0.0.1:1", region: "eu-west-1", accountId: "123456789012" },
  terraformEnvironment: {},
});

test("where nothing was written nothing runs", () => {
  expect(readRunning(join(folder, "missing.json"))).toBeUndefined();
});

test("a platform runs as long as its process", () => {
  writeRunning(file, platformOf(process.pid));
  expect(readRunning(file)).toEqual(platformOf(process.pid));
});

test("what a process that is gone left behind does not count", () => {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  writeRunning(file, platformOf(pid));
  expect(readRunning(file)).toBeUndefined();
});
