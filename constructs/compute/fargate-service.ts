import { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import type { CapacityProviderShare } from "../../model/capacity-provider-share";

export interface FargateServiceProps {
  readonly name: string;
  readonly clusterArn: string;
  readonly taskDefinitionArn: string;
  readonly containerName: string;
  readonly containerPort: number;
  readonly subnetIds: string[];
  readonly securityGroupId: string;
  /** At creation; afterwards autoscaling decides. */
  readonly desiredCount: number;
  readonly capacityProviderStrategy: readonly CapacityProviderShare[];
  /** @default - internal: behind no load balancer */
  readonly targetGroupArn?: string;
  /** What must stand before the first task starts. */
  readonly dependsOn: TerraformResource[];
}

/**
 * A service in private subnets that replaces its tasks without a gap, goes back to the last good
 * task definition when new tasks fail, and fails the apply when it had to.
 */
export class FargateService extends Construct {
  readonly name: string;
  /** ARN of the task definition that the service runs; in a plan that changes it, known after the apply. */
  readonly taskDefinitionArn: string;

  constructor(scope: Construct, id: string, props: FargateServiceProps) {
    super(scope, id);
    const service = new EcsService(this, "this", {
      name: props.name,
      cluster: props.clusterArn,
      taskDefinition: props.taskDefinitionArn,
      desiredCount: props.desiredCount,
      capacityProviderStrategy: [...props.capacityProviderStrategy],
      // Lets a new strategy be an update; without it the provider replaces the service.
      forceNewDeployment: true,
      platformVersion: "LATEST",
      // The provider plans DISABLED when it is left out.
      availabilityZoneRebalancing: "ENABLED",
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      enableExecuteCommand: false,
      enableEcsManagedTags: true,
      propagateTags: "SERVICE",
      networkConfiguration: {
        subnets: props.subnetIds,
        securityGroups: [props.securityGroupId],
        assignPublicIp: false,
      },
      ...(props.targetGroupArn !== undefined && {
        loadBalancer: [
          {
            targetGroupArn: props.targetGroupArn,
            containerName: props.containerName,
            containerPort: props.containerPort,
          },
        ],
        healthCheckGracePeriodSeconds: 30,
      }),
      // A rolled-back deployment is a steady state too, so Terraform asks which one it is.
      waitForSteadyState: true,
      lifecycle: {
        ignoreChanges: ["desired_count"],
        postcondition: [
          {
            condition: `\${self.task_definition == ${props.taskDefinitionArn}}`,
            errorMessage: `The new tasks failed and ECS rolled the service back. The old ones go on serving. See its events (aws ecs describe-services) and the log group for why.`,
          },
        ],
      },
      dependsOn: props.dependsOn,
    });
    // The attributes, so that whoever uses them comes after the service.
    this.name = service.name;
    this.taskDefinitionArn = service.taskDefinition;
  }
}
