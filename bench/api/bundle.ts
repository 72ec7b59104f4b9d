import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const PROJECT = resolve(__dirname, "../..");

/** Bundles programs into `folder`, each as `<name>.js`, with the options of `npm run build`. */
export async function bundle(programs: Readonly<Record<string, string>>, folder: string) {
  const { scripts } = JSON.parse(await readFile(join(PROJECT, "package.json"), "utf8")) as {
    scripts: { build: string };
  };
  const [, command] = /\b(esbuild .*?)(?: && |$)/.exec(scripts.build) ?? [];
  if (command === undefined) throw new Error(`no esbuild in "${scripts.build}"`);
  const options = command.split(" ").filter((word) => /^--(?!outdir)/.test(word));
  const entries = Object.entries(programs).map(([name, path]) => `${name}=${path}`);
  const esbuild = join(PROJECT, "node_modules/.bin/esbuild");
  await promisify(execFile)(esbuild, [...entries, ...options, `--outdir=${folder}`], {
    cwd: PROJECT,
  });
}
