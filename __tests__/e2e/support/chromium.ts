import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Browser } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** Starts this machine's Chromium without a window and with a temporary profile. */
export async function launchChromium(): Promise<Browser> {
  return await chromium.launch({
    executablePath: chromiumPath(),
    args: [
      "--disable-quic",
      "--disable-sync",
      // No host outside of this machine can be reached: the browser itself would send requests to
      // its maker.
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
}

/** `CHROMIUM_PATH`, or the first of these programs in PATH. */
function chromiumPath(): string {
  const { CHROMIUM_PATH, PATH = "" } = process.env;
  const places = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const found = CHROMIUM_PATH ?? places.find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(
    `There is no Chromium (${NAMES.join(", ")} in PATH, or CHROMIUM_PATH). ` +
      "Install one: apt-get install chromium, brew install --cask chromium.",
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
