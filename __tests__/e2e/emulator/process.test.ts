import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startEmulator } from "../../../local/emulator/emulator";
import { ACCOUNT, useEmulator } from "../support/use-emulator";
import { waitUntil } from "../support/wait-until";

const folder = mkdtempSync(join(tmpdir(), "emulator-process-"));
const options = { python: "python3", ...ACCOUNT, logFile: join(folder, "aws.log") };

const aws = useEmulator();

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test("the emulator stops when told to, and may be told again", async () => {
  const emulator = await startEmulator(options);
  await emulator.stop();
  await emulator.stop();
  expect(isRunning(emulator.pid)).toBe(false);
});

test("the emulator ends when the process that started it is killed", async () => {
  const script = `require("./local/emulator/emulator").startEmulator(${JSON.stringify(options)})
    .then(({ pid }) => console.log(pid))`;
  const parent = spawn(process.execPath, ["--require", "tsx/cjs", "--eval", script], {
    cwd: resolve(__dirname, "../../.."),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(line.toString());
  expect(isRunning(pid)).toBe(true);
  parent.kill("SIGKILL");
  await waitUntil("the emulator ended", () => !isRunning(pid), 10_000);
});

test("the emulator shows the end of its log when it cannot start", async () => {
  const noPython = process.execPath;
  await expect(startEmulator({ ...options, python: noPython })).rejects.toThrow(
    /The local AWS did not start.*bad option: -m/s,
  );
});

test("the emulator lives in the account it is told", async () => {
  const sts = new STSClient(aws.config);
  expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
    Account: ACCOUNT.accountId,
  });
});

function isRunning(pid: number) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
