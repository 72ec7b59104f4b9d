import type { Action, Report, StateReport } from "./report";

const COUNTED = ["add", "change", "replace", "destroy"] as const satisfies readonly Action[];

/**
 * The states of all reports as a Markdown table with a column for each environment, and below it the resources whose
 * data would be lost. A cell counts the resources that are added (+), changed (~), replaced (±) and destroyed (-).
 */
export function summaryTable(reports: readonly Report[]): string {
  const names = [...new Set(reports.flatMap(({ states }) => states.map(shortName)))];
  const rows = names.map((name) => [
    name,
    ...reports.map(({ states }) => {
      const state = states.find((each) => shortName(each) === name);
      return state ? cell(state) : "";
    }),
  ]);
  const header = ["State", ...reports.map(({ environment }) => environment)];
  const table = [header, header.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);
  return [table.join("\n"), ...losses(reports)].join("\n\n");
}

/** Returns a line for each service, with the image that it was planned with. */
export const imageLines = ({ images }: Report) =>
  Object.entries(images).map(([service, image]) => `${service}: ${image}`);

/** `+1 ~2 ±0 -0`, or the outcome in words. */
function cell(state: StateReport) {
  if (state.outcome === "error") return "**error**";
  if (state.outcome === "waits") return `waits for ${state.detail}`;
  if (state.changes.length === 0) return "no changes";
  return counts(state);
}

const SIGNS = { add: "+", change: "~", replace: "±", destroy: "-" } as const;

/** The numbers of changed resources in a state's plan, such as `+1 ~2`. Outputs are not counted. */
export function counts({ changes }: StateReport) {
  const resources = changes.filter(({ address }) => !address.startsWith("output."));
  const parts = COUNTED.flatMap((action) => {
    const count = resources.filter((change) => change.action === action).length;
    return count > 0 ? [`${SIGNS[action]}${count}`] : [];
  });
  return parts.length > 0 ? parts.join(" ") : "outputs only";
}

/** A warning that lists the resources with data that are replaced, destroyed or forgotten. */
function losses(reports: readonly Report[]) {
  const lines = reports.flatMap(({ states }) =>
    states.flatMap(({ state, changes }) =>
      changes
        .filter(({ action, stateful }) => stateful && action !== "add" && action !== "change")
        .map(({ action, address }) => `> - \`${state}\`: ${action} \`${address}\``),
    ),
  );
  return lines.length === 0
    ? []
    : [["> [!CAUTION]", "> **Data is lost with these:**", ...lines].join("\n")];
}

/**
 * The full plans as Markdown of at most `maxLength` characters, each in a collapsed section. Plans that do not fit
 * are listed by name.
 */
export function fullPlans(reports: readonly Report[], maxLength: number): string {
  const folds = reports.flatMap(({ states }) =>
    states
      .map((state) => ({ name: state.state, text: state.plan || planless(state) }))
      .filter(({ text }) => text !== "")
      .map(({ name, text }) => ({ name, markdown: fold(name, text) })),
  );
  let shown = folds.length;
  while (shown > 0 && render(folds, shown).length > maxLength) shown--;
  return render(folds, shown).slice(0, maxLength);
}

function render(folds: readonly { name: string; markdown: string }[], shown: number) {
  const omitted = folds.slice(shown).map(({ name }) => `\`${name}\``);
  return [
    ...folds.slice(0, shown).map(({ markdown }) => markdown),
    ...(omitted.length > 0
      ? [`Too long to be shown here; the artifacts have the full plans: ${omitted.join(", ")}`]
      : []),
  ].join("\n\n");
}

const planless = ({ outcome, detail }: StateReport) => (outcome === "error" ? detail : "");

function fold(name: string, text: string) {
  const fence = fenceFor(text);
  return `<details><summary>${name}</summary>\n\n${fence}\n${text}\n${fence}\n\n</details>`;
}

/** A fence that is longer than any run of backticks in the text, so that the text cannot end the code block. */
function fenceFor(text: string) {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  return "`".repeat(Math.max(3, longest + 1));
}

/** The name of a state without its environment. States of several environments with this name share a row. */
const shortName = ({ state }: StateReport) => state.slice(state.indexOf("-") + 1);
