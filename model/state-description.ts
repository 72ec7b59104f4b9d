import type { Image } from "./image";

/** What a state is. Synth writes it into the state's folder, because a name does not tell it. */
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

/** The file's name in the folder of each synthesized state. */
export const STATE_DESCRIPTION_FILE = "state.json";
