import { LbListenerRule } from "@cdktf/provider-aws/lib/lb-listener-rule";
import { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group";
import { Construct } from "constructs";

export interface RoutedTargetGroupProps {
  /** At most 32 characters. */
  readonly name: string;
  readonly vpcId: string;
  readonly port: number;
  readonly listenerArn: string;
  /** Of the listener's rule: lower comes first. */
  readonly priority: number;
  /** Path patterns that lead here, such as `/items*`. */
  readonly paths: readonly string[];
  readonly healthCheckPath: string;
}

// The load balancer sees within ten seconds that a task is not ready any more.
const HEALTH_CHECK = {
  protocol: "HTTP",
  matcher: "200",
  interval: 5,
  timeout: 4,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
} as const;

/** The targets of one service, and the listener rule that leads to them. */
export class RoutedTargetGroup extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: RoutedTargetGroupProps) {
    super(scope, id);
    const targetGroup = new LbTargetGroup(this, "this", {
      name: props.name,
      vpcId: props.vpcId,
      targetType: "ip",
      protocol: "HTTP",
      port: props.port,
      // Seconds. Requests here take less than one; the default of 300 is time spent waiting.
      deregistrationDelay: "10",
      healthCheck: { ...HEALTH_CHECK, path: props.healthCheckPath },
    });
    new LbListenerRule(this, "rule", {
      listenerArn: props.listenerArn,
      priority: props.priority,
      condition: [{ pathPattern: { values: [...props.paths] } }],
      action: [{ type: "forward", targetGroupArn: targetGroup.arn }],
    });
    this.arn = targetGroup.arn;
  }
}
