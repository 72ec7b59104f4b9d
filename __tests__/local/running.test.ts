import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
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
  aws: {
    endpoint: "http://127.0.0.1:1",
    region: "eu-west-1",
    accountId: "123456789012",
    credentials: { accessKeyId: "AKIA", secretAccessKey: "secret" },
    controlSecret: "secret",
  },
  terraformEnv: {},
});

test("where nothing was written nothing runs", () => {
  expect(readRunning(join(folder, "missing.json"))).toBeUndefined();
});

test("a platform runs as long as its process", () => {
  writeRunning(file, platformOf(process.pid));
  expect(readRunning(file)).toEqual(platformOf(process.pid));
});

test("of a running AWS, only where it is is written", () => {
  const circular: Record<string, unknown> = {};
  circular.itself = circular;
  const { aws, ...rest } = platformOf(process.pid);
  writeRunning(file, { ...rest, aws: { ...aws, ...{ loadBalancers: circular } } });
  expect(readRunning(file)).toEqual({ ...rest, aws });
});

test("only its owner can read what a running platform says: the root key is in it", () => {
  writeFileSync(file, "", { mode: 0o644 });
  chmodSync(file, 0o644);
  writeRunning(file, platformOf(process.pid));
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("files of a process that has ended are ignored", () => {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  writeRunning(file, platformOf(pid));
  expect(readRunning(file)).toBeUndefined();
});
