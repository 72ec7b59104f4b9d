import type { Platform } from "../model/platform";

/** An AWS quota with its default limit, which AWS raises on request. */
interface Quota {
  readonly name: string;
  readonly limit: number;
  /** How much of the quota the load balancer uses for a number of routed services. */
  readonly used: (routed: number) => number;
}

/**
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups
 */
const QUOTAS: readonly Quota[] = [
  { name: "Rules per Application Load Balancer", limit: 100, used: (routed) => routed },
  { name: "Target Groups per Application Load Balancer", limit: 100, used: (routed) => routed },
  // The load balancer's security group has an outbound rule for the tasks of each routed service.
  { name: "Outbound rules per security group", limit: 60, used: (routed) => routed },
];

/** Returns a warning for each default quota of an AWS account that a platform exceeds. */
export function quotaWarnings({ name, services }: Platform): string[] {
  const routed = services.filter(({ route }) => route).length;
  return QUOTAS.filter(({ limit, used }) => used(routed) > limit).map(
    (quota) =>
      `The platform ${name} needs ${quota.used(routed)} of the quota "${quota.name}", which is ${quota.limit} by default. Ask AWS for more in Service Quotas before you deploy.`,
  );
}
