import { Construct } from "constructs";
import { FargateCluster } from "../constructs/compute/fargate-cluster";
import { StateProps, StateStack } from "./state-stack";

/** The cluster that all services of the platform run on. */
export class EcsClusterStack extends StateStack {
  constructor(scope: Construct, props: StateProps) {
    super(scope, "ecs-cluster", props);
    new FargateCluster(this, "cluster", {
      name: this.names.prefix,
      defaultCapacityProviderStrategy: props.environment.capacityProviderStrategy,
    });
  }
}
