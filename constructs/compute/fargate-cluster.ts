import { EcsCluster } from "@cdktf/provider-aws/lib/ecs-cluster";
import { EcsClusterCapacityProviders } from "@cdktf/provider-aws/lib/ecs-cluster-capacity-providers";
import { Construct } from "constructs";
import type { CapacityProviderShare } from "../../model/capacity-provider-share";

export interface FargateClusterProps {
  readonly name: string;
  readonly defaultCapacityProviderStrategy: readonly CapacityProviderShare[];
}

/** A cluster of Fargate tasks with Container Insights. */
export class FargateCluster extends Construct {
  constructor(scope: Construct, id: string, props: FargateClusterProps) {
    super(scope, id);
    const cluster = new EcsCluster(this, "this", {
      name: props.name,
      setting: [{ name: "containerInsights", value: "enabled" }],
    });
    new EcsClusterCapacityProviders(this, "capacity-providers", {
      clusterName: cluster.name,
      capacityProviders: ["FARGATE", "FARGATE_SPOT"],
      defaultCapacityProviderStrategy: [...props.defaultCapacityProviderStrategy],
    });
  }
}
