import { LbListenerRule } from "@cdktf/provider-aws/lib/lb-listener-rule";
import { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group";
import { Construct } from "constructs";

export interface RoutedTargetGroupProps {
  /** At most 32 characters. */
  readonly name: string;
  readonly vpcId: string;
  readonly port: number;
  readonly listenerArn: string;
  /** The priority of the listener rule. The rule with the lowest number is evaluated first. */
  readonly priority: number;
  /** The path patterns of the requests that this group gets, such as `/items*`. */
  readonly paths: readonly string[];
  readonly healthCheckPath: string;
}

// The load balancer notices within ten seconds that a task is no longer ready.
const HEALTH_CHECK = {
  protocol: "HTTP",
  matcher: "200",
  interval: 5,
  timeout: 4,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
} as const;

/** The target group of one service, and the listener rule that forwards requests to it. */
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
      // In seconds. Requests take less than one second here, and a deployment would wait for the
      // default of 300.
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
