import type { State } from "../../../delivery/synthesized/states";

/** A state that depends on others by their names. */
export const state = (name: string, ...dependencies: string[]): State => ({
  platform: "shop",
  environment: "dev",
  environmentFile: "environments/dev.ts",
  kind: "ecs-service",
  name,
  directory: name,
  dependencies,
});
