import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { TerraformResource } from "cdktf";
import { Construct } from "constructs";

export interface ServiceConnectionProps {
  readonly callerSecurityGroupId: string;
  readonly calledSecurityGroupId: string;
  /** Names of the two services, for the descriptions of the rules. */
  readonly caller: string;
  readonly called: string;
  readonly port: number;
}

/**
 * The security group rules on both sides of a call from one service to another. Both belong to the
 * caller's state, so that the state of the called service does not depend on its callers.
 */
export class ServiceConnection extends Construct {
  readonly rules: TerraformResource[];

  constructor(scope: Construct, id: string, props: ServiceConnectionProps) {
    super(scope, id);
    const onPort = { ipProtocol: "tcp", fromPort: props.port, toPort: props.port };
    this.rules = [
      new VpcSecurityGroupEgressRule(this, "egress", {
        ...onPort,
        securityGroupId: props.callerSecurityGroupId,
        description: `To the tasks of ${props.called}`,
        referencedSecurityGroupId: props.calledSecurityGroupId,
      }),
      new VpcSecurityGroupIngressRule(this, "ingress", {
        ...onPort,
        securityGroupId: props.calledSecurityGroupId,
        description: `Calls of ${props.caller}`,
        referencedSecurityGroupId: props.callerSecurityGroupId,
      }),
    ];
  }
}
