import type { Construct } from "constructs";
import type { Platform } from "../model/platform";
import { alb } from "./alb";
import { refuseWrongAuth } from "./auth";
import { backend } from "./backend";
import { dynamodb } from "./dynamodb";
import { ecr } from "./ecr";
import { ecsCluster } from "./ecs-cluster";
import { ecsService } from "./ecs-service";
import { iam } from "./iam";
import { refuseAmbiguousNames, refuseLongNames } from "./refuse-names";
import type { PlatformState, ServiceState, StateDefinition } from "./state-definition";
import type { StateProps, StateStack } from "./state-stack";

/** All kinds of states. A kind stands after those that it reads or that are applied before it. */
const STATES: readonly StateDefinition[] = [
  backend,
  // The load balancer takes longest. A deploy starts the states in this order.
  alb,
  ecr,
  ecsCluster,
  iam,
  dynamodb,
  ecsService,
];

/**
 * Adds all states of one platform in one environment. The backend is bootstrapped before any of the others.
 *
 * @throws when the names are too long or ambiguous, or a service's `auth` does not go with the environment
 */
export function addStates(scope: Construct, props: StateProps) {
  refuseLongNames(props);
  refuseAmbiguousNames(props);
  refuseWrongAuth(props);
  const created = new Map<PlatformState, StateStack>();
  for (const definition of STATES) {
    if (definition.per === "service") {
      addServiceStates(scope, props, definition, created);
    } else if (exists(definition, props.platform)) {
      created.set(definition, definition.create(scope, props));
    }
  }
}

const exists = (definition: PlatformState, platform: Platform) =>
  definition.exists?.(platform) ?? true;

function addServiceStates(
  scope: Construct,
  props: StateProps,
  definition: ServiceState,
  created: ReadonlyMap<PlatformState, StateStack>,
) {
  for (const service of props.platform.services) {
    const state = definition.create(scope, service, props);
    const first = [...definition.reads(service), ...definition.after(service)];
    for (const [other, stack] of created) if (first.includes(other)) state.addDependency(stack);
  }
}
