import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pythonWithMoto } from "../../local/emulator/moto";

const folder = mkdtempSync(join(tmpdir(), "moto-"));
const bare = join(folder, "bare", "bin", "python");
const venvDirectory = join(folder, "venv");

beforeAll(() => {
  execFileSync("python3", ["-m", "venv", join(folder, "bare")]);
}, 60_000);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test("a Python without moto gets it in a virtual environment, once", async () => {
  const steps: string[] = [];
  const show = (what: string) => steps.push(what);
  const python = await pythonWithMoto({ python: bare, venvDirectory, show });
  expect(python).toBe(join(venvDirectory, "bin", "python"));
  const version = ["-c", "import moto; print(moto.__version__)"];
  expect(execFileSync(python, version, { encoding: "utf8" }).trim()).toBe("5.2.1");

  expect(await pythonWithMoto({ python: bare, venvDirectory, show })).toBe(python);
  expect(await pythonWithMoto({ python, venvDirectory: join(folder, "other"), show })).toBe(python);
  expect(steps).toHaveLength(1);
}, 300_000);

test("a Python that has moto without its server is not used", async () => {
  const find = ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"];
  const packages = execFileSync(bare, find, { encoding: "utf8" }).trim();
  const install = (name: string, version: string) => {
    const info = join(packages, `${name}-${version}.dist-info`);
    mkdirSync(info);
    writeFileSync(join(info, "METADATA"), `Name: ${name}\nVersion: ${version}\n`);
  };
  const chosen = () => pythonWithMoto({ python: bare, venvDirectory, show: () => undefined });
  install("moto", "5.2.1");
  install("flask", "3.0.0");
  expect(await chosen()).toBe(join(venvDirectory, "bin", "python"));
  install("flask_cors", "4.0.0");
  expect(await chosen()).toBe(bare);
});

test("an install that fails says why, and leaves nothing half made", async () => {
  const other = join(folder, "failed");
  const python = join(folder, "python-without-venv");
  writeFileSync(
    python,
    `#!/bin/sh\nmkdir -p ${other}\necho 'ensurepip is not available' >&2\nexit 1\n`,
    { mode: 0o755 },
  );
  await expect(
    pythonWithMoto({ python, venvDirectory: other, show: () => undefined }),
  ).rejects.toThrow(
    /moto could not be installed with .*:\nensurepip is not available\n.*python3-venv/,
  );
  expect(existsSync(other)).toBe(false);
});
