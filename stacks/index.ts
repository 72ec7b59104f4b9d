import type { Construct } from "constructs";
import type { Platform } from "../model/platform";
import { alb } from "./alb";
import { refuseWrongAuth } from "./auth";
import { backend } from "./backend";
import { discovery } from "./discovery";
import { dynamodb } from "./dynamodb";
import { ecr } from "./ecr";
import { ecsCluster } from "./ecs-cluster";
import { ecsService } from "./ecs-service";
import { iam } from "./iam";
import { refuseAmbiguousNames, refuseLongNames } from "./refuse-names";
import { secrets } from "./secrets";
import type { PlatformState, ServiceState, StateDefinition } from "./state-definition";
import type { StateProps, StateStack } from "./state-stack";

/** All kinds of states. Each follows the kinds that it reads and those that must be applied before it. */
const STATES: readonly StateDefinition[] = [
  backend,
  // A deploy starts the states in this order, and the load balancer takes longest.
  alb,
  ecr,
  ecsCluster,
  iam,
  dynamodb,
  secrets,
  discovery,
  ecsService,
];

/**
 * Adds all states of one platform in one environment. The backend must be deployed before any other state.
 *
 * @throws when the names are too long or ambiguous, or when the environment does not allow a service's `auth`
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
  const { platform } = props;
  const states = new Map(
    platform.services.map((service) => [service.name, definition.create(scope, service, props)]),
  );
  for (const service of platform.services) {
    const first = [...definition.reads(service, platform), ...definition.after(service)];
    const before = [
      ...[...created].flatMap(([other, stack]) => (first.includes(other) ? stack : [])),
      ...definition.readsServices(service).flatMap((name) => states.get(name) ?? []),
    ];
    for (const stack of before) states.get(service.name)?.addDependency(stack);
  }
}
