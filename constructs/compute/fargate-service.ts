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
  /** The number of tasks at creation. Afterwards autoscaling changes it. */
  readonly desiredCount: number;
  readonly capacityProviderStrategy: readonly CapacityProviderShare[];
  /** @default - the service is internal and has no load balancer */
  readonly targetGroupArn?: string;
  /** The Cloud Map service in which ECS registers the tasks. @default - the tasks have no name in private DNS */
  readonly registryArn?: string;
  /** The resources that must exist before the first task starts. */
  readonly dependsOn: TerraformResource[];
}

/**
 * A service in private subnets that replaces its tasks without downtime. When new tasks fail, ECS
 * rolls back to the last working task definition and the apply fails.
 */
export class FargateService extends Construct {
  readonly name: string;
  /**
   * The ARN of the task definition that the service runs. When a plan changes it, the ARN is known
   * after the apply.
   */
  readonly taskDefinitionArn: string;

  constructor(scope: Construct, id: string, props: FargateServiceProps) {
    super(scope, id);
    const service = new EcsService(this, "this", {
      name: props.name,
      cluster: props.clusterArn,
      taskDefinition: props.taskDefinitionArn,
      desiredCount: props.desiredCount,
      capacityProviderStrategy: [...props.capacityProviderStrategy],
      // This makes a changed capacity provider strategy an update. Without it, the provider
      // replaces the service.
      forceNewDeployment: true,
      platformVersion: "LATEST",
      // When this is omitted, the provider plans DISABLED.
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
      ...(props.registryArn !== undefined && {
        serviceRegistries: { registryArn: props.registryArn },
      }),
      // A service is also steady after a rollback, so a postcondition checks which task definition
      // runs.
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
    // These are attributes of the resource, so that whatever uses them depends on the service.
    this.name = service.name;
    this.taskDefinitionArn = service.taskDefinition;
  }
}
