import { Construct } from "constructs";
import { AlbStack } from "./alb";
import { refuseWrongAuth } from "./auth";
import { refuseLongNames } from "./refuse-long-names";
import { BackendStack } from "./backend";
import { DynamodbStack } from "./dynamodb";
import { EcrStack } from "./ecr";
import { EcsClusterStack } from "./ecs-cluster";
import { EcsServiceStack } from "./ecs-service";
import { IamStack } from "./iam";
import { StateProps } from "./state-stack";

/**
 * All states of one platform in one environment. Only the services wait for others; the backend is
 * bootstrapped before any of them.
 *
 * @throws when the names are too long, or a service's `auth` does not go with the environment
 */
export function addStates(scope: Construct, props: StateProps) {
  refuseLongNames(props);
  refuseWrongAuth(props);
  new BackendStack(scope, props);
  const foundations = [
    // First, as it takes longest: what is deployed in this order is done soonest.
    new AlbStack(scope, props),
    new EcrStack(scope, props),
    new EcsClusterStack(scope, props),
    new IamStack(scope, props),
    ...(props.platform.tables.length > 0 ? [new DynamodbStack(scope, props)] : []),
  ];
  for (const service of props.platform.services) {
    const state = new EcsServiceStack(scope, service, props);
    for (const foundation of foundations) state.addDependency(foundation);
  }
}
