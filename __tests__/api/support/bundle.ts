import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

const PROJECT = join(__dirname, "../../..");

/**
 * Runs the command of `npm run build`, but with `folder` as its output: it creates `server.js`,
 * `healthcheck.js` and the files of the docs page in `docs/`.
 */
export async function bundleInto(folder: string): Promise<void> {
  const { scripts } = JSON.parse(await readFile(join(PROJECT, "package.json"), "utf8")) as {
    scripts: { build: string };
  };
  const commands = join(PROJECT, "node_modules/.bin");
  await promisify(execFile)(
    "/bin/sh",
    ["-c", scripts.build.replaceAll("--outdir=dist", `--outdir='${folder}'`)],
    { cwd: PROJECT, env: { ...process.env, PATH: [commands, process.env.PATH].join(delimiter) } },
  );
}
