import { parseArgs, type ParseArgsConfig } from "node:util";
// On an interrupt the script exits by itself, so that what it started ends with it.
import "../delivery/interrupt";

// That a later SDK will need Node 22 is no news for who deploys: the lockfile pins ours.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

type Options = NonNullable<ParseArgsConfig["options"]>;

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

type Values<O extends Options> = ReturnType<
  typeof parseArgs<{ options: O; allowPositionals: true }>
>["values"];

function readArguments<O extends Options>(usage: string, options: O) {
  const withUsage = (problem: string) => new Error(`${problem}\nUsage: ${usage}`);
  const parsed = (() => {
    try {
      return parseArgs({ options, allowPositionals: true });
    } catch (error) {
      throw withUsage((error as Error).message);
    }
  })();
  if (usage.endsWith(">...")) return parsed;
  const expected = usage.replaceAll(/\[.*?\]/g, "").match(/(?<!--[\w-]+) <[^>]+>/g)?.length ?? 0;
  if (parsed.positionals.length !== expected) {
    throw withUsage(
      `${parsed.positionals.length} arguments are given (${parsed.positionals.join(" ")}), expected ${expected}`,
    );
  }
  return parsed;
}
