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

const isKind = (kind: RegExp) => (state: State) => kind.test(state.name);

export const isBackend = isKind(/^[^-]+-backend$/);
export const isEcr = isKind(/^[^-]+-ecr$/);
export const isService = isKind(/^[^-]+-ecs-service(-|$)/);
