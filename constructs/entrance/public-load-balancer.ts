import { Lb } from "@cdktf/provider-aws/lib/lb";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Construct } from "constructs";

export interface PublicLoadBalancerProps {
  /** At most 32 characters. */
  readonly name: string;
  readonly vpcId: string;
  readonly subnetIds: string[];
  readonly deletionProtection: boolean;
}

/** An internet-facing load balancer that answers 404 when no rule matches. */
export class PublicLoadBalancer extends Construct {
  readonly dnsName: string;
  readonly listenerArn: string;
  readonly securityGroupId: string;

  constructor(scope: Construct, id: string, props: PublicLoadBalancerProps) {
    super(scope, id);
    // This group has no egress rules of its own: each service's state adds the rule to its own
    // group.
    const securityGroup = new SecurityGroup(this, "security-group", {
      name: `${props.name}-alb`,
      description: "Load balancer: HTTP from anywhere, out to its services only",
      vpcId: props.vpcId,
    });
    new VpcSecurityGroupIngressRule(this, "ingress-http", {
      securityGroupId: securityGroup.id,
      description: "HTTP from anywhere: this is the public entrance",
      cidrIpv4: "0.0.0.0/0",
      ipProtocol: "tcp",
      fromPort: 80,
      toPort: 80,
    });
    const loadBalancer = new Lb(this, "this", {
      name: props.name,
      loadBalancerType: "application",
      internal: false,
      subnets: props.subnetIds,
      securityGroups: [securityGroup.id],
      dropInvalidHeaderFields: true,
      desyncMitigationMode: "defensive",
      // This must be below the 65 s for which a service keeps idle connections open. Otherwise the
      // load balancer would answer 502 when it uses a connection that the service is closing.
      idleTimeout: 60,
      enableDeletionProtection: props.deletionProtection,
    });
    const listener = new LbListener(this, "http", {
      loadBalancerArn: loadBalancer.arn,
      port: 80,
      protocol: "HTTP",
      defaultAction: [
        {
          type: "fixed-response",
          fixedResponse: {
            statusCode: "404",
            contentType: "application/json",
            messageBody: JSON.stringify({ title: "Not Found", status: 404 }),
          },
        },
      ],
    });
    this.dnsName = loadBalancer.dnsName;
    this.listenerArn = listener.arn;
    this.securityGroupId = securityGroup.id;
  }
}
