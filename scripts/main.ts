// On an interrupt the script exits by itself, so that what it started ends with it.
import "../delivery/interrupt";
import { type App, chooseApp, synthesize } from "../delivery/app";
import { type Options, readArguments, type Values } from "./read-arguments";

// That a later SDK will need Node 22 is no news for who deploys: the lockfile pins ours.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/**
 * Runs a script: its arguments are checked, and an error ends it with 1 and its message alone.
 *
 * @param usage how it is called, with its positional arguments as `<name>`, or `<name>...` for any number
 * @param run gets options and positional arguments; gives the exit code
 */
export function main<O extends Options>(
  usage: string,
  options: O,
  run: (values: Values<O>, ...positionals: string[]) => Promise<number>,
): void {
  const work = async () => {
    const { values, positionals } = readArguments(usage, options);
    return run(values, ...positionals);
  };
  work().then(
    (exitCode) => {
      process.exitCode = exitCode;
    },
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
}

const APP_OPTIONS = {
  // The folder of its main.ts.
  app: { type: "string" },
  // Synthesizes the app first. The commands of package.json do; a job with credentials does not.
  synth: { type: "boolean", default: false },
} as const;

/**
 * Runs a script that works for an app.
 *
 * @param run gets the app, and what `main` gives
 */
export function mainForApp<O extends Options>(
  usage: string,
  options: O,
  run: (app: App, values: Values<O>, ...positionals: string[]) => Promise<number>,
): void {
  const all = { ...options, ...APP_OPTIONS };
  main(`${usage} [--app <folder>]`, all, async (values, ...positionals) => {
    const { app: folder, synth } = values as Values<typeof APP_OPTIONS>;
    const app = chooseApp(folder);
    if (synth) await synthesize(app);
    return run(app, values, ...positionals);
  });
}
