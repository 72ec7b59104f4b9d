// With this module, an interrupt makes the script exit by itself, so that the processes it started end with it.
import "../delivery/interrupt";
import { type App, chooseApp, synthesize } from "../delivery/app";
import { type Options, readArguments, type Values } from "./read-arguments";

// The SDK warns that its later versions will need Node 22. The lockfile pins the version, so users can ignore that.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/**
 * Checks the arguments of a script and runs it. After an error it prints only the message and exits with 1.
 *
 * @param usage the command line, with its positional arguments as `<name>`, or as `<name>...` for any number
 * @param run receives the options and the positional arguments, and returns the exit code
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
  // The folder with the app's main.ts.
  app: { type: "string" },
  // Synthesizes the app first. The commands of package.json set this, and jobs with credentials do not.
  synth: { type: "boolean", default: false },
} as const;

/**
 * Runs a script that works for an app.
 *
 * @param run receives the app, the options and the positional arguments, and returns the exit code
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
