import { EcsCluster } from "@cdktf/provider-aws/lib/ecs-cluster";
import { EcsClusterCapacityProviders } from "@cdktf/provider-aws/lib/ecs-cluster-capacity-providers";
import { Construct } from "constructs";

/** Where tasks run: on `FARGATE`, on `FARGATE_SPOT`, or shared between them. */
export interface CapacityProviderShare {
  readonly capacityProvider: "FARGATE" | "FARGATE_SPOT";
  /** Share of the tasks beyond `base`. */
  readonly weight: number;
  /** Tasks that run here before weights count. @default 0 */
  readonly base?: number;
}

export interface FargateClusterProps {
  readonly name: string;
  readonly defaultCapacityProviderStrategy: readonly CapacityProviderShare[];
}

/** A cluster without servers, watched by Container Insights. */
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
