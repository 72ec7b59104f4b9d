import { chmodSync, mkdirSync, writeFileSync } from "node:fs";

/** Makes a folder that only its owner can enter. An existing folder gets this mode, too. */
export function makePrivateFolder(directory: string) {
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o700);
}

/** Writes a file that only its owner can read. An existing file gets this mode, too. */
export function writePrivateFile(file: string, content: string) {
  writeFileSync(file, content, { mode: 0o600 });
  chmodSync(file, 0o600);
}
