import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A Terraform state, as the synthesized manifest tells it. */
export interface State {
  /** `<environment>-<state>`. */
  readonly name: string;
  readonly directory: string;
  /** Names of the states that must stand before it. */
  readonly dependencies: readonly string[];
}

/** Where synth puts the states, unless it is told another folder. */
export const OUTPUT = "cdktf.out";

/** The states of a synthesized output. */
export function readStates(outputDirectory: string): State[] {
  const manifest = JSON.parse(readFileSync(join(outputDirectory, "manifest.json"), "utf8")) as {
    stacks: Record<string, { workingDirectory: string; dependencies: string[] }>;
  };
  return Object.entries(manifest.stacks).map(([name, { workingDirectory, dependencies }]) => ({
    name,
    directory: join(outputDirectory, workingDirectory),
    dependencies,
  }));
}

/**
 * The states of one environment, each after those that it depends on.
 *
 * @throws when there is no such environment, with those that there are
 */
export function statesOf(environment: string | undefined, outputDirectory: string): State[] {
  const all = readStates(outputDirectory);
  const states = all.filter((state) => environmentOf(state) === environment);
  if (states.length === 0) {
    const known = [...new Set(all.map(environmentOf))].join(", ");
    throw new Error(`environment is "${environment ?? ""}", expected one of ${known}`);
  }
  const waiting = ({ dependencies }: State) => (dependencies.length > 0 ? 1 : 0);
  return [...states.filter(isBackend), ...states.filter((state) => !isBackend(state))].sort(
    (a, b) => waiting(a) - waiting(b),
  );
}

const environmentOf = ({ name }: State) => name.split("-")[0];

const isKind = (kind: RegExp) => (state: State) => kind.test(state.name);

export const isBackend = isKind(/^[^-]+-backend$/);
export const isEcr = isKind(/^[^-]+-ecr$/);
export const isDynamodb = isKind(/^[^-]+-dynamodb$/);
export const isAlb = isKind(/^[^-]+-alb$/);
export const isService = isKind(/^[^-]+-ecs-service(-|$)/);
