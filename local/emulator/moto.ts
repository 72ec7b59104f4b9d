import { execFile } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { isAtLeast } from "../prerequisites";
import type { Show } from "../../delivery/deploy/progress";

const run = promisify(execFile);

const MINIMUM = "5.2";
const REQUIREMENTS = join(__dirname, "requirements.txt");

/**
 * Prints the version of moto, and fails when a package is missing that only moto's server needs. An import of moto
 * would take a second.
 */
const PRINT_VERSION = `
from importlib.metadata import version
version("flask"), version("flask-cors")
print(version("moto"))
`;

export interface MotoOptions {
  /** A Python of 3.10 or newer. */
  readonly python: string;
  /** The folder for a virtual environment, which is created when the Python has no moto. */
  readonly venvDirectory: string;
  readonly show: Show;
}

/**
 * A Python that has moto's server: the given one, or one in a virtual environment into which moto
 * is installed.
 */
export async function pythonWithMoto({ python, venvDirectory, show }: MotoOptions) {
  if (await hasMoto(python)) return python;
  const own = join(venvDirectory, "bin", "python");
  if (existsSync(own) && (await hasMoto(own))) return own;
  show("Installing moto into a virtual environment (once)");
  try {
    await run(python, ["-m", "venv", "--clear", venvDirectory]);
    await run(own, ["-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS]);
  } catch (error) {
    // Otherwise the next run would use the incomplete environment.
    rmSync(venvDirectory, { recursive: true, force: true });
    const { stderr, stdout, message } = error as Error & { stderr?: string; stdout?: string };
    const said = [stdout, stderr].join("").trim();
    throw new Error(
      `moto could not be installed with ${python}:\n${said || message}\nOn Debian and Ubuntu the package python3-venv may be missing. Or install it yourself: ${python} -m pip install -r ${REQUIREMENTS}`,
    );
  }
  return own;
}

async function hasMoto(python: string) {
  try {
    const { stdout } = await run(python, ["-c", PRINT_VERSION]);
    return isAtLeast(stdout.trim(), MINIMUM);
  } catch {
    return false;
  }
}
