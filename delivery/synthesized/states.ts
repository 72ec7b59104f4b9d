import { readFileSync } from "node:fs";
import { join } from "node:path";
import { STATE_DESCRIPTION_FILE, type StateDescription } from "../../model/state-description";

/** A synthesized Terraform state. */
export interface State extends StateDescription {
  /** `<environment>-<state>`. */
  readonly name: string;
  readonly directory: string;
  /** The names of the states that must be deployed before it. */
  readonly dependencies: readonly string[];
}

/** The state of a service. */
export type ServiceState = State & Required<Pick<State, "service" | "image">>;

/** The states of a synthesized output. */
export function readStates(outputDirectory: string): State[] {
  const manifest = JSON.parse(readFileSync(join(outputDirectory, "manifest.json"), "utf8")) as {
    stacks: Record<string, { workingDirectory: string; dependencies: string[] }>;
  };
  return Object.entries(manifest.stacks).map(([name, { workingDirectory, dependencies }]) => {
    const directory = join(outputDirectory, workingDirectory);
    return { ...readDescription(directory), name, directory, dependencies };
  });
}

const readDescription = (directory: string) =>
  JSON.parse(readFileSync(join(directory, STATE_DESCRIPTION_FILE), "utf8")) as StateDescription;

/**
 * The states of one environment, each after those that it depends on.
 *
 * @throws when there is no such environment; the message lists the environments
 */
export function statesOf(environment: string | undefined, outputDirectory: string): State[] {
  const all = readStates(outputDirectory);
  const states = all.filter((state) => state.environment === environment);
  if (states.length === 0) {
    const known = [...new Set(all.map((state) => state.environment))].join(", ");
    throw new Error(`environment is "${environment ?? ""}", expected one of ${known}`);
  }
  const waiting = ({ dependencies }: State) => (dependencies.length > 0 ? 1 : 0);
  return [...states.filter(isBackend), ...states.filter((state) => !isBackend(state))].sort(
    (a, b) => waiting(a) - waiting(b),
  );
}

const isKind = (kind: string) => (state: State) => state.kind === kind;

export const isBackend = isKind("backend");
export const isEcr = isKind("ecr");
export const isSecrets = isKind("secrets");
export const isAlb = isKind("alb");
export const isService = (state: State): state is ServiceState => state.kind === "ecs-service";

/** Whether the loss of a state's resources would lose data. The data role of a protected environment changes them. */
export const keepsData = ({ kind }: State) => DATA_KINDS.includes(kind);

const DATA_KINDS = ["backend", "ecr", "dynamodb", "secrets"];
