import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import type { Environment } from "../../model/environment";
import { dev } from "../../environments/dev";
import type { Platform } from "../../model/platform";
import { addStates } from "../../stacks";

/** The content of a state's folder that Terraform reads. */
export interface StateConfig {
  readonly terraform: { readonly backend: { readonly s3: Readonly<Record<string, unknown>> } };
  readonly provider: { readonly aws: readonly Readonly<Record<string, unknown>>[] };
  readonly variable: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly output?: Readonly<Record<string, { readonly value: unknown }>>;
  readonly data?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly resource: Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>
  >;
}

/** An environment like dev with an account id that is not the placeholder. */
export const someAccount: Environment = { ...dev, account: "111111111111" };

/** The app of a platform in some environments, each of which promotes its images to the next. */
export function appOf(platform: Platform, environments: readonly Environment[], outdir?: string) {
  const app = new App({ outdir: outdir ?? mkdtempSync(join(tmpdir(), "cdktf-")) });
  addAll(app, platform, environments);
  return app;
}

/** Adds the states of a platform in some environments, each of which promotes its images to the next. */
function addAll(app: App, platform: Platform, environments: readonly Environment[]) {
  for (const [i, environment] of environments.entries()) {
    addStates(app, { platform, environment, promotesTo: environments[i + 1] });
  }
}

/** The states of a platform by name, as Terraform reads them. */
export const synthesizedStates = (platform: Platform, environments: readonly Environment[]) =>
  synthesized((app) => {
    addAll(app, platform, environments);
  });

/**
 * Synthesizes everything that `add` adds to an app, and reads the folder of each state. It uses
 * `app.synth()`, because no other method resolves references between states.
 */
export function synthesized(add: (app: App) => void) {
  const outdir = mkdtempSync(join(tmpdir(), "cdktf-"));
  try {
    const app = new App({ outdir });
    add(app);
    app.synth();
    const stacks = join(outdir, "stacks");
    return Object.fromEntries(
      readdirSync(stacks).map((name) => {
        const config = readFileSync(join(stacks, name, "cdk.tf.json"), "utf8");
        return [name, withoutMetadata(JSON.parse(config)) as StateConfig];
      }),
    );
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** CDKTF writes the construct path and other metadata into each block, under `//`. */
function withoutMetadata(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMetadata);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "//")
      .map(([key, child]) => [key, withoutMetadata(child)]),
  );
}
