import { Listr, type ListrTask, PRESET_TIMER } from "listr2";

/** Shows, in one line, what a step is doing at the moment. */
export type Show = (what: string) => void;

export interface Step {
  readonly title: string;
  readonly run: (show: Show) => Promise<void>;
}

/** Runs one step and shows it with how long it took. */
export async function step<T>(title: string, run: (show: Show) => Promise<T> | T): Promise<T> {
  let result: T | undefined;
  const keepResult = async (show: Show) => {
    result = await run(show);
  };
  await stepsSideBySide([{ title, run: keepResult }]);
  return result as T;
}

/**
 * Runs steps at the same time and shows each with how long it took: living in a terminal, a line
 * for each event elsewhere.
 *
 * @throws the error of the first that failed, once all have ended
 */
export async function stepsSideBySide(steps: readonly Step[]) {
  const errors: unknown[] = [];
  const tasks = steps.map(({ title, run }): ListrTask => {
    return {
      title,
      task: async (_, task) => {
        const show = (what: string) => {
          task.output = what;
        };
        await run(show).catch((error: unknown) => {
          errors.push(error);
          // Errors can be long. The list shows only that there is one; the end of the deploy prints it in full.
          throw new Error("failed");
        });
      },
    };
  });
  await new Listr(tasks, {
    concurrent: true,
    exitOnError: false,
    // Ctrl-C is handled by whoever owns the processes.
    registerSignalListeners: false,
    rendererOptions: { timer: PRESET_TIMER },
    fallbackRendererOptions: { timer: PRESET_TIMER },
  }).run();
  if (errors.length > 0) throw errors[0];
}

/** What a line of Terraform's output says of a resource, short, or nothing. */
export function resourceEvent(line: string) {
  const { address, what, time } = RESOURCE_EVENT.exec(line)?.groups ?? {};
  if (!address || !what) return undefined;
  return [address, what.toLowerCase(), time].filter(Boolean).join(" ");
}

// cdktf puts the construct's path behind the address, in parentheses.
const RESOURCE_EVENT =
  /^(?<address>[\w.[\]"-]+)(?: \([^)]*\))*: (?<what>Still \w+|\w+ complete|Creating|Modifying|Destroying|Importing)\b.*?(?<time>(\d+m)?\d+s)?( elapsed\]| \[id=(?!.* elapsed\]).*\])?\.*$/;
