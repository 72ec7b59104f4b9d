import { writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Makes a folder an app, whose states the test itself synthesizes into `<folder>/cdktf.out`.
 *
 * @returns the words that choose it
 */
export function synthesizedApp(folder: string) {
  writeFileSync(join(folder, "main.ts"), "// The test synthesizes the states.\n");
  return ["--app", folder] as const;
}
