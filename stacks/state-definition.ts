import type { Construct } from "constructs";
import type { Platform } from "../model/platform";
import type { Service } from "../model/service";
import type { StateProps, StateStack } from "./state-stack";

/** A kind of state. Each is defined in the file of its stack and listed once, in `stacks/index.ts`. */
export type StateDefinition = PlatformState | ServiceState;

/** A kind of which a platform has at most one state in each environment. */
export interface PlatformState {
  readonly per: "platform";
  /** Whether a platform has this state. @default - every platform has it */
  readonly exists?: (platform: Platform) => boolean;
  readonly create: (scope: Construct, props: StateProps) => StateStack;
}

/** A kind of which each service of a platform has a state of its own. */
export interface ServiceState {
  readonly per: "service";
  /** The states whose outputs the state of this service reads. They are applied before it. */
  readonly reads: (service: Service) => readonly PlatformState[];
  /** Other states that must be applied before the state of this service. */
  readonly after: (service: Service) => readonly PlatformState[];
  readonly create: (scope: Construct, service: Service, props: StateProps) => StateStack;
}
