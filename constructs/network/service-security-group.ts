import { DataAwsPrefixList } from "@cdktf/provider-aws/lib/data-aws-prefix-list";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { TerraformResource } from "cdktf";
import { Construct } from "constructs";

export interface ServiceSecurityGroupProps {
  readonly name: string;
  readonly vpcId: string;
  readonly region: string;
  readonly containerPort: number;
  /** @default - the service is internal and accepts no connections */
  readonly loadBalancerSecurityGroupId?: string;
  readonly endpointSecurityGroupId: string;
  /** Whether the tasks may connect to DynamoDB. */
  readonly usesTables: boolean;
}

const HTTPS = { ipProtocol: "tcp", fromPort: 443, toPort: 443 } as const;

/**
 * The security group of a service's tasks. It allows connections from the load balancer only, and
 * connections to the VPC's AWS endpoints only.
 */
export class ServiceSecurityGroup extends Construct {
  readonly id: string;
  /** A task can be neither started nor reached without these rules. */
  readonly rules: TerraformResource[] = [];

  constructor(scope: Construct, id: string, props: ServiceSecurityGroupProps) {
    super(scope, id);
    const group = new SecurityGroup(this, "this", {
      name: `${props.name}-tasks`,
      description: "Tasks: in from the load balancer, out to the AWS endpoints of the VPC",
      vpcId: props.vpcId,
    });
    this.id = group.id;
    this.allowToInterfaceEndpoints(props);
    this.allowToGatewayEndpoint("s3", "Image layers, through the S3 gateway endpoint", props);
    if (props.usesTables) {
      this.allowToGatewayEndpoint("dynamodb", "Tables, through the gateway endpoint", props);
    }
    if (props.loadBalancerSecurityGroupId !== undefined) {
      this.allowFromLoadBalancer(props.loadBalancerSecurityGroupId, props.containerPort);
    }
  }

  private allowToInterfaceEndpoints(props: ServiceSecurityGroupProps) {
    this.rules.push(
      new VpcSecurityGroupEgressRule(this, "egress-endpoints", {
        ...HTTPS,
        securityGroupId: this.id,
        description: "AWS APIs, through the interface endpoints",
        referencedSecurityGroupId: props.endpointSecurityGroupId,
      }),
    );
  }

  private allowToGatewayEndpoint(
    service: "s3" | "dynamodb",
    description: string,
    { region }: ServiceSecurityGroupProps,
  ) {
    const prefixList = new DataAwsPrefixList(this, `${service}-prefix-list`, {
      name: `com.amazonaws.${region}.${service}`,
    });
    this.rules.push(
      new VpcSecurityGroupEgressRule(this, `egress-${service}`, {
        ...HTTPS,
        securityGroupId: this.id,
        description,
        prefixListId: prefixList.id,
      }),
    );
  }

  private allowFromLoadBalancer(loadBalancerSecurityGroupId: string, port: number) {
    const onPort = { ipProtocol: "tcp", fromPort: port, toPort: port };
    this.rules.push(
      new VpcSecurityGroupIngressRule(this, "ingress-load-balancer", {
        ...onPort,
        securityGroupId: this.id,
        description: "Requests and health checks of the load balancer",
        referencedSecurityGroupId: loadBalancerSecurityGroupId,
      }),
      // The load balancer's rule for this connection is here too, so that the load balancer's state
      // does not depend on any service.
      new VpcSecurityGroupEgressRule(this, "egress-load-balancer", {
        ...onPort,
        securityGroupId: loadBalancerSecurityGroupId,
        description: "To the tasks of this service",
        referencedSecurityGroupId: this.id,
      }),
    );
  }
}
