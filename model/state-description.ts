import type { Image } from "./image";

/** Describes a state. Synth writes it into the state's folder, because it cannot be derived from the state's name. */
export interface StateDescription {
  readonly platform: string;
  readonly environment: string;
  /** The source file that defines the environment, relative to the root of the repository. */
  readonly environmentFile: string;
  /** The name of the state without the environment and the service, such as `alb` or `ecs-service`. */
  readonly kind: string;
  /** Name of the service, in a state of kind `ecs-service`. */
  readonly service?: string;
  /** What the service's image is built from, in a state of kind `ecs-service`. */
  readonly image?: Image;
}

/** The name of the file with the description, in the folder of each synthesized state. */
export const STATE_DESCRIPTION_FILE = "state.json";
