import { type Backend, readConfig, type StateConfig } from "../synthesized/config";
import { type State, statesOf } from "../synthesized/states";

/** The states of one environment, and their dependencies. */
export interface StateGraph {
  /** The states in the order of their names. */
  readonly nodes: readonly StateNode[];
  readonly edges: readonly StateEdge[];
}

export interface StateNode {
  /** `<environment>-<state>`. */
  readonly name: string;
  /** The number of resources of each Terraform type. */
  readonly resources: ReadonlyMap<string, number>;
  /** Whether the state has the bucket that keeps all states. */
  readonly keepsStates: boolean;
}

/** A dependency. `to` is deployed after `from`. */
export interface StateEdge {
  readonly from: string;
  readonly to: string;
  /** The outputs of `from` that `to` reads. The list is empty where only the order of the deploys matters. */
  readonly outputs: readonly string[];
}

type ReadState = State & { readonly config: StateConfig };

/**
 * Reads the graph from the synthesized output: the dependencies from the manifest, and the outputs from the states.
 *
 * @throws when the environment has no state, or when a state reads an output that no state declares
 */
export function readGraph(output: string, environment: string): StateGraph {
  const states = statesOf(environment, output)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((state) => ({ ...state, config: readConfig(state.directory) }));
  return { nodes: states.map(nodeOf), edges: states.flatMap((state) => edgesTo(state, states)) };
}

function nodeOf({ name, config }: ReadState): StateNode {
  const { resource, terraform } = config;
  const buckets = Object.values(resource.aws_s3_bucket ?? {});
  const types = Object.entries(resource).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    name,
    resources: new Map(types.map(([type, resources]) => [type, Object.keys(resources).length])),
    keepsStates: buckets.some(({ bucket }) => bucket === terraform.backend.s3.bucket),
  };
}

function edgesTo(state: ReadState, states: readonly ReadState[]): StateEdge[] {
  const outputs = new Map(state.dependencies.map((name) => [name, [] as string[]]));
  for (const { producer, output } of readsOf(state, states)) {
    const read = outputs.get(producer) ?? [];
    outputs.set(producer, [...new Set([...read, output])].sort());
  }
  return [...outputs]
    .map(([from, read]) => ({ from, to: state.name, outputs: read }))
    .sort((a, b) => (a.from < b.from ? -1 : 1));
}

/** Finds each `data.terraform_remote_state.<id>.outputs.<output>` in a state's expressions. */
function readsOf({ name, config }: ReadState, states: readonly ReadState[]) {
  const expression = /data\.terraform_remote_state\.(?<id>\w+)\.outputs\.(?<output>\w+)/g;
  return [...JSON.stringify(config).matchAll(expression)].map(({ groups }) => {
    const { id = "", output = "" } = groups ?? {};
    const location = config.data?.terraform_remote_state?.[id]?.config;
    const producer = states.find((each) => isAt(each, location));
    if (producer?.config.output?.[output] === undefined) {
      throw new Error(
        `${name} reads the output ${output} of ${producer?.name ?? location?.key ?? id}, which declares no such output`,
      );
    }
    return { producer: producer.name, output };
  });
}

const isAt = ({ config }: ReadState, location: Pick<Backend, "bucket" | "key"> | undefined) =>
  config.terraform.backend.s3.bucket === location?.bucket &&
  config.terraform.backend.s3.key === location.key;
