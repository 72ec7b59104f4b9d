import { parseArgs, type ParseArgsConfig } from "node:util";

export type Options = NonNullable<ParseArgsConfig["options"]>;

type Arguments<O extends Options> = ReturnType<
  typeof parseArgs<{ options: O; allowPositionals: true }>
>;

export type Values<O extends Options> = Arguments<O>["values"];

/**
 * Reads the arguments of a script.
 *
 * @param usage the command line, with its positional arguments as `<name>`, or as `<name>...` for any number
 * @throws when an option is unknown or lacks its value, or when too few or too many arguments are given;
 * the message ends with the usage
 */
export function readArguments<O extends Options>(
  usage: string,
  options: O,
  args: string[] = process.argv.slice(2),
): Arguments<O> {
  const withUsage = (problem: string) => new Error(`${problem}\nUsage: ${usage}`);
  const parsed = (() => {
    try {
      return parseArgs({ args, options, allowPositionals: true });
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
