/**
 * Starts a new local AWS and runs a script on it: `with-local-aws.ts <account> <region> <script> [<argument>...]`.
 * Its exit code is that of the script.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { step } from "../delivery/deploy/progress";
import { childEnv } from "./child-env";
import { environmentVariables } from "./emulator/aws";
import { startEmulator } from "./emulator/emulator";
import { pythonWithMoto } from "./emulator/moto";
import { layoutOf } from "./layout";
import { checkPrerequisites } from "./prerequisites";

async function main([accountId = "", region = "", script = "", ...args]: readonly string[]) {
  // Ctrl-C also reaches the script, which then ends. The local AWS is stopped after that.
  process.on("SIGINT", () => undefined);
  const { python } = checkPrerequisites();
  const folder = mkdtempSync(join(tmpdir(), "local-aws-"));
  const emulator = await step("Starting a local AWS", async (show) =>
    startEmulator({
      python: await pythonWithMoto({ python, venvDirectory: VENV, show }),
      accountId,
      region,
      logFile: join(folder, "aws.log"),
    }),
  );
  try {
    const child = spawn(process.execPath, ["--import", "tsx", script, ...args], {
      env: childEnv(environmentVariables(emulator.aws)),
      stdio: "inherit",
    });
    const [exitCode] = (await once(child, "close")) as [number | null];
    return exitCode ?? 1;
  } finally {
    await emulator.stop();
    rmSync(folder, { recursive: true });
  }
}

const VENV = join(layoutOf(join(__dirname, "..", ".local")).tools, "venv");

main(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
