import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The warnings that synth noted beside the states, each as `<state>: <warning>`. */
export function warningsOf(outputDirectory: string): string[] {
  const manifest = JSON.parse(readFileSync(join(outputDirectory, "manifest.json"), "utf8")) as {
    stacks: Record<string, { annotations: { level: string; message: string }[] }>;
  };
  return Object.entries(manifest.stacks).flatMap(([name, { annotations }]) =>
    annotations
      .filter(({ level }) => level === "@cdktf/warn")
      .map(({ message }) => `${name}: ${message}`),
  );
}
