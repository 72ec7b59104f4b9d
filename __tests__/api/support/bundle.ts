import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const PROJECT = join(__dirname, "../../..");

/** Runs what `npm run build` runs, but into `folder`: makes `server.js` and `healthcheck.js`. */
export async function bundleInto(folder: string): Promise<void> {
  const { scripts } = JSON.parse(await readFile(join(PROJECT, "package.json"), "utf8")) as {
    scripts: { build: string };
  };
  const [esbuild = "", ...args] = scripts.build.split(" ");
  await promisify(execFile)(
    join(PROJECT, "node_modules/.bin", esbuild),
    args.map((arg) => (arg.startsWith("--outdir=") ? `--outdir=${folder}` : arg)),
    { cwd: PROJECT },
  );
}
