import { appendFileSync, cpSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

/** The files that the API's image is built from. */
const INPUTS = [
  "Dockerfile",
  ".dockerignore",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "api",
];

/**
 * A copy of the files that the API's image is built from, with a change that makes a different
 * image and does not change the API's behaviour.
 *
 * @param directory the folder to create
 */
export function changedContext(directory: string): string {
  for (const input of INPUTS) cpSync(resolve(input), join(directory, input), { recursive: true });
  symlinkSync(resolve("node_modules"), join(directory, "node_modules"));
  appendFileSync(join(directory, "api", "docs", "page.html"), `<!-- ${directory} -->\n`);
  return directory;
}
