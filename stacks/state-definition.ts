import type { Construct } from "constructs";
import type { Platform } from "../model/platform";
import type { Service } from "../model/service";
import type { StateProps, StateStack } from "./state-stack";

/** A kind of state. The file of its stack defines it, and `stacks/index.ts` lists it. */
export type StateDefinition = PlatformState | ServiceState;

/** A kind of state that a platform has at most once in each environment. */
export interface PlatformState {
  readonly per: "platform";
  /** Whether a platform has this state. @default - every platform has it */
  readonly exists?: (platform: Platform) => boolean;
  readonly create: (scope: Construct, props: StateProps) => StateStack;
}

/** A kind of state that each service of a platform has once in each environment. */
export interface ServiceState {
  readonly per: "service";
  /** The states whose outputs the state of this service reads. They are applied before it. */
  readonly reads: (service: Service, platform: Platform) => readonly PlatformState[];
  /** The names of the services whose states the state of this service reads. They are applied before it. */
  readonly readsServices: (service: Service) => readonly string[];
  /** Other states that must be applied before the state of this service. */
  readonly after: (service: Service) => readonly PlatformState[];
  readonly create: (scope: Construct, service: Service, props: StateProps) => StateStack;
}
