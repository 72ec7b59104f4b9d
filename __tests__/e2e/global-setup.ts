import { delimiter, dirname, resolve } from "node:path";
import { pythonWithMoto } from "../../local/emulator/moto";
import { checkPrerequisites } from "../../local/prerequisites";

/** Puts a Python that has moto first in PATH: this machine's own, or one in a virtual environment. */
export default async function setUp() {
  const { python } = checkPrerequisites();
  const withMoto = await pythonWithMoto({
    python,
    venvDirectory: resolve(".local", "tools", "venv"),
    show: console.log,
  });
  if (withMoto !== python) {
    process.env.PATH = [dirname(withMoto), process.env.PATH].join(delimiter);
  }
}
