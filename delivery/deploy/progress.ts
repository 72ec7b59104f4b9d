import { Listr, type ListrTask, PRESET_TIMER } from "listr2";

/** Shows in one line what a step does at the moment. */
export type Show = (what: string) => void;

export interface Step {
  readonly title: string;
  readonly run: (show: Show) => Promise<void>;
}

/** Runs one step and shows its title and how long it took. */
export async function step<T>(title: string, run: (show: Show) => Promise<T> | T): Promise<T> {
  let result: T | undefined;
  const keepResult = async (show: Show) => {
    result = await run(show);
  };
  await stepsSideBySide([{ title, run: keepResult }]);
  return result as T;
}

/**
 * Runs steps at the same time and shows how long each took. A terminal shows a list that is updated in place.
 * Elsewhere, each event is a line.
 *
 * @throws the error of the first step that failed, once all steps have ended
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
    // The code that starts the processes handles Ctrl-C.
    registerSignalListeners: false,
    rendererOptions: { timer: PRESET_TIMER },
    fallbackRendererOptions: { timer: PRESET_TIMER },
  }).run();
  if (errors.length > 0) throw errors[0];
}

/** Returns what a line of Terraform's output says about a resource, shortened; `undefined` for other lines. */
export function resourceEvent(line: string) {
  const { address, what, time } = RESOURCE_EVENT.exec(line)?.groups ?? {};
  if (!address || !what) return undefined;
  return [address, what.toLowerCase(), time].filter(Boolean).join(" ");
}

// cdktf puts the construct's path in parentheses after the address.
const RESOURCE_EVENT =
  /^(?<address>[\w.[\]"-]+)(?: \([^)]*\))*: (?<what>Still \w+|\w+ complete|Creating|Modifying|Destroying|Importing)\b.*?(?<time>(\d+m)?\d+s)?( elapsed\]| \[id=(?!.* elapsed\]).*\])?\.*$/;
