import { Annotations } from "cdktf";
import { Construct } from "constructs";
import { PublicLoadBalancer } from "../constructs/entrance/public-load-balancer";
import { RoutedTargetGroup } from "../constructs/entrance/routed-target-group";
import { quotaWarnings } from "./quotas";
import type { PlatformState } from "./state-definition";
import { StateProps, StateStack } from "./state-stack";

/** The public load balancer, with a listener rule and a target group for each routed service. */
class AlbStack extends StateStack {
  constructor(scope: Construct, props: StateProps) {
    super(scope, "alb", props);
    const { vpcId, publicSubnetIds } = this.variables;
    const loadBalancer = new PublicLoadBalancer(this, "load-balancer", {
      name: this.names.prefix,
      vpcId,
      subnetIds: publicSubnetIds,
      deletionProtection: props.environment.deletionProtection,
    });
    const arns = props.platform.services.flatMap((service) => {
      if (!service.route) return [];
      const { priority, paths, healthCheckPath } = service.route;
      const targetGroup = new RoutedTargetGroup(this.parts, service.name, {
        name: this.names.targetGroup(service),
        vpcId,
        port: service.containerPort,
        listenerArn: loadBalancer.listenerArn,
        priority,
        paths,
        healthCheckPath,
      });
      return [[service.name, targetGroup.arn] as const];
    });
    for (const warning of quotaWarnings(props.platform)) Annotations.of(this).addWarning(warning);
    this.output("alb", {
      dns_name: loadBalancer.dnsName,
      security_group_id: loadBalancer.securityGroupId,
      target_group_arns: Object.fromEntries(arns),
    });
  }
}

export const alb: PlatformState = {
  per: "platform",
  create: (scope, props) => new AlbStack(scope, props),
};
