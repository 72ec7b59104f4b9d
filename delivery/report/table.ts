import type { Action, Report, StateReport } from "./report";

const COUNTED = ["add", "change", "replace", "destroy"] as const satisfies readonly Action[];

/**
 * The states of all reports as a Markdown table, a column for each environment, and below it what
 * would be lost. A cell counts what is added (+), changed (~), replaced (±) and destroyed (-).
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

/** The image that each service was planned with, a line each. */
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

/** What a state's plan comes to in numbers, such as `+1 ~2`; outputs are not counted. */
export function counts({ changes }: StateReport) {
  const resources = changes.filter(({ address }) => !address.startsWith("output."));
  const parts = COUNTED.flatMap((action) => {
    const count = resources.filter((change) => change.action === action).length;
    return count > 0 ? [`${SIGNS[action]}${count}`] : [];
  });
  return parts.length > 0 ? parts.join(" ") : "outputs only";
}

/** Replaced and destroyed resources that hold data, each by name. */
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
 * The full plans, each behind a fold, as Markdown of at most `maxLength` characters: those that do
 * not fit are named instead.
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
      ? [`Too long to be shown here, and whole in the artifacts: ${omitted.join(", ")}`]
      : []),
  ].join("\n\n");
}

const planless = ({ outcome, detail }: StateReport) => (outcome === "error" ? detail : "");

function fold(name: string, text: string) {
  const fence = fenceFor(text);
  return `<details><summary>${name}</summary>\n\n${fence}\n${text}\n${fence}\n\n</details>`;
}

/** Longer than any run of backticks in the text, which can so not end it. */
function fenceFor(text: string) {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  return "`".repeat(Math.max(3, longest + 1));
}

/** State without its environment: the row that it shares with the other environments'. */
const shortName = ({ state }: StateReport) => state.slice(state.indexOf("-") + 1);
