import { appendFileSync, cpSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

/** What the API's image is built from. */
const INPUTS = [
  "Dockerfile",
  ".dockerignore",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "api",
];

/**
 * A copy of what the API's image is built from, with a change that makes another image of it and lets the
 * API work as before.
 *
 * @param directory is made
 */
export function changedContext(directory: string): string {
  for (const input of INPUTS) cpSync(resolve(input), join(directory, input), { recursive: true });
  symlinkSync(resolve("node_modules"), join(directory, "node_modules"));
  appendFileSync(join(directory, "api", "docs", "page.html"), `<!-- ${directory} -->\n`);
  return directory;
}
