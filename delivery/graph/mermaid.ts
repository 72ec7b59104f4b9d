import type { StateEdge, StateGraph, StateNode } from "./state-graph";

/**
 * The graph as a Mermaid flowchart, which GitHub draws. A solid arrow stands for outputs that a state reads from
 * another. A dashed arrow means that one state is only deployed after another.
 *
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function mermaid({ nodes, edges }: StateGraph) {
  const keepers = nodes.filter(({ keepsStates }) => keepsStates);
  const others = nodes.filter(({ keepsStates }) => !keepsStates);
  return [
    "flowchart LR",
    ...keepers.map((node) => `  ${box(node)}`),
    '  subgraph states[" "]',
    "    direction LR",
    ...others.map((node) => `    ${box(node)}`),
    ...edges.map((edge) => `    ${arrow(edge)}`),
    "  end",
    ...keepers.map(({ name }) => `  ${name} -. "keeps their states" .-> states`),
  ].join("\n");
}

const box = ({ name, resources }: StateNode) =>
  `${name}["<b>${name}</b><br/>${mainTypes(resources).join("<br/>")}"]`;

const arrow = ({ from, to, outputs }: StateEdge) =>
  outputs.length > 0 ? `${from} -- "${outputs.join("<br/>")}" --> ${to}` : `${from} -.-> ${to}`;

/** The types that show what a state is for, without types that only configure another resource. */
function mainTypes(resources: StateNode["resources"]) {
  const types = [...resources.keys()];
  return types
    .filter((type) => !/_(policy|rule|alias)$/.test(type))
    .filter((type) => !types.some((other) => type.startsWith(`${other}_`)))
    .map((type) => {
      const count = resources.get(type) ?? 1;
      const name = type.replace(/^aws_/, "").replaceAll("_", " ");
      return count > 1 ? `${count} × ${name}` : name;
    });
}
