import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { warningsOf } from "./synthesized/warnings";

/** A folder with a `main.ts`, which composes environments with a platform. */
export interface App {
  /** The folder of its `main.ts`. */
  readonly folder: string;
  /** The folder of its platform's `platform.ts` and `smoke-test.ts`. */
  readonly platform: string;
  /** The folder that its states are synthesized into. */
  readonly output: string;
}

const MAIN = "main.ts";
const OUTPUT = "cdktf.out";
const EXAMPLES = "examples";

/** The app at the root of the project. */
const ROOT: App = { folder: ".", platform: join("platforms", "inventory"), output: OUTPUT };

let chosen = ROOT;

/**
 * Chooses the app that this process works for.
 *
 * @param given the value of `--app`: a folder with a `main.ts`. @default - the app at the root
 * @throws when the folder has no `main.ts`; the message lists the apps
 */
export function chooseApp(given?: string): App {
  chosen = given === undefined ? ROOT : readApp(given);
  return chosen;
}

function readApp(given: string): App {
  // This removes a slash at the end and a ./ at the beginning.
  const folder = join(given, ".");
  if (given === "" || !existsSync(join(folder, MAIN))) {
    throw new Error(
      `--app is "${given}", expected a folder with a ${MAIN}: ${known().join(", ")}. Without --app, it is the ${MAIN} of the project.`,
    );
  }
  if (folder === ROOT.folder) return ROOT;
  return { folder, platform: folder, output: join(folder, OUTPUT) };
}

function known() {
  const folders = existsSync(EXAMPLES) ? readdirSync(EXAMPLES) : [];
  const apps = folders.map((name) => join(EXAMPLES, name));
  return [ROOT.folder, ...apps].filter((folder) => existsSync(join(folder, MAIN)));
}

/**
 * Loads a file of the folder of an app's platform by its path, because only `main.ts` may import it.
 *
 * @param name the name that the file must export
 * @throws when the file is missing, or does not export that name
 */
export async function loadPlatformFile<Module extends object>(
  { platform }: App,
  fileName: string,
  name: string & keyof Module,
): Promise<Module> {
  const file = join(platform, fileName);
  const module = existsSync(file) ? ((await import(resolve(file))) as Module) : undefined;
  if (module?.[name] !== undefined) return module;
  throw new Error(
    `${file}: expected a file that exports ${name}, as platforms/inventory/${fileName} does`,
  );
}

/** The arguments of a command that choose an app. */
export const appArguments = ({ folder }: App) => (folder === ROOT.folder ? [] : ["--app", folder]);

/**
 * Adds the arguments that choose the app of this process to a command, such as `npm run plan -- dev`. The user can
 * copy the result from a message.
 */
export function forApp(command: string) {
  const words = appArguments(chosen);
  if (words.length === 0) return command;
  return [command, ...(command.includes(" -- ") ? [] : ["--"]), ...words].join(" ");
}

/**
 * Runs the `main.ts` of an app in a process of its own, because its output must depend on its code alone. The
 * warnings of the synth go to stderr.
 *
 * @throws when the synth fails; the stderr of the synth says why
 */
export async function synthesize({ folder, output }: App) {
  const main = join(folder, MAIN);
  // cdktf 0.21 calls util.isArray, and newer versions of Node warn about it at every synth.
  const child = spawn(process.execPath, ["--no-deprecation", "--import", "tsx", main], {
    env: { ...process.env, CDKTF_OUTDIR: output },
    // The stdout of a script is its result, such as the URL of `npm run url`, so the app's output goes to stderr.
    stdio: ["ignore", process.stderr, "inherit"],
  });
  const [exitCode] = (await once(child, "close")) as [number | null];
  if (exitCode !== 0) throw new Error(`${main} could not be synthesized: the reason is above.`);
  for (const warning of warningsOf(output)) console.error(`Warning: ${warning}`);
}
