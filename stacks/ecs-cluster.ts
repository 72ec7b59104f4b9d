import { Construct } from "constructs";
import { FargateCluster } from "../constructs/compute/fargate-cluster";
import type { PlatformState } from "./state-definition";
import { StateProps, StateStack } from "./state-stack";

/** The cluster that all services of the platform run on. */
class EcsClusterStack extends StateStack {
  constructor(scope: Construct, props: StateProps) {
    super(scope, "ecs-cluster", props);
    new FargateCluster(this, "cluster", {
      name: this.names.prefix,
      defaultCapacityProviderStrategy: props.environment.capacityProviderStrategy,
    });
  }
}

export const ecsCluster: PlatformState = {
  per: "platform",
  create: (scope, props) => new EcsClusterStack(scope, props),
};
