/**
 * Runs a script for an environment on a fresh local AWS of the environment's account and region:
 * `with-local-aws.ts <environment> <script> [<argument>...]`. Nothing is deployed, and nothing is left.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readBackend } from "../delivery/synthesized/config";
import { OUTPUT, statesOf } from "../delivery/synthesized/states";
import { step } from "../delivery/deploy/progress";
import { childEnvironment } from "./child-environment";
import { environmentVariables } from "./emulator/aws";
import { startEmulator } from "./emulator/emulator";
import { pythonWithMoto } from "./emulator/moto";
import { layoutOf } from "./layout";
import { checkPrerequisites } from "./prerequisites";

async function main([environment = "", script = "", ...rest]: readonly string[]) {
  const { values } = parseArgs({
    args: [...rest],
    options: { output: { type: "string", default: OUTPUT } },
    strict: false,
  });
  const [state] = statesOf(environment, String(values.output));
  if (!state) throw new Error(`${environment} has no state`);
  const { allowed_account_ids, region } = readBackend(state.directory);
  const { python } = checkPrerequisites();
  const folder = mkdtempSync(join(tmpdir(), "local-aws-"));
  const emulator = await step("Starting a local AWS", async (show) =>
    startEmulator({
      python: await pythonWithMoto({ python, venvDirectory: VENV, show }),
      accountId: allowed_account_ids[0],
      region,
      logFile: join(folder, "aws.log"),
    }),
  );
  try {
    const child = spawn(process.execPath, ["--import", "tsx", script, environment, ...rest], {
      env: childEnvironment(environmentVariables(emulator.aws)),
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
