import type { LocalAws } from "../emulator/aws";
import type { Deployed, DeployedTargetGroup } from "./deployed-load-balancers";
import { reportTargetHealth } from "../emulator/control";
import { allowsConnection } from "./security-groups";
import { TargetHealthCheck, type TargetAddress } from "./target-health";

/** The destination of a request for a target group. */
export type Route =
  | { readonly kind: "target"; readonly target: TargetAddress }
  /** No target is registered. */
  | { readonly kind: "empty" }
  /** The security groups do not let the load balancer reach the target. */
  | { readonly kind: "blocked"; readonly target: TargetAddress };

/** A target group in operation: its targets, their health checks, and the round-robin position. */
export class LiveTargetGroup {
  private readonly checks = new Map<string, TargetHealthCheck>();
  private turn = 0;
  private unreported = false;

  constructor(
    readonly arn: string,
    public deployed: DeployedTargetGroup,
  ) {}

  /** Removes targets that are no longer registered, and returns the new ones. */
  follow(targets: TargetAddress[]): TargetAddress[] {
    const present = new Set(targets.map(key));
    for (const [name, check] of this.checks) {
      if (present.has(name)) continue;
      check.stop();
      this.checks.delete(name);
    }
    return targets.filter((target) => !this.checks.has(key(target)));
  }

  /** Reports the health of the targets to the emulator when it has changed. */
  async report(aws: LocalAws): Promise<void> {
    if (!this.unreported || this.checks.size === 0) return;
    this.unreported = false;
    const targets = [...this.checks.values()].map(({ report }) => report);
    await reportTargetHealth(aws, { targetGroupArn: this.arn, targets }).catch((error: unknown) => {
      this.unreported = true;
      throw error;
    });
  }

  /**
   * The next target in round-robin order. It is a healthy one, or any target when none is healthy,
   * because ALB fails open.
   */
  next(): Route {
    const all = [...this.checks.values()];
    const healthy = all.filter(({ report }) => report.state === "healthy");
    const candidates = healthy.length > 0 ? healthy : all;
    const chosen = candidates[this.turn++ % candidates.length];
    if (!chosen) return { kind: "empty" };
    const { target } = chosen;
    return { kind: this.reachable() ? "target" : "blocked", target };
  }

  stop(): void {
    for (const check of this.checks.values()) check.stop();
    this.checks.clear();
  }

  /** Starts the health checks of a target. */
  check(target: TargetAddress): void {
    const check = new TargetHealthCheck(
      target,
      () => this.deployed.settings,
      (healthCheckPort) => this.reachable(healthCheckPort),
      () => {
        this.unreported = true;
      },
    );
    this.checks.set(key(target), check);
    this.unreported = true;
    check.start();
  }

  private reachable(port = this.deployed.containerPort): boolean {
    const { loadBalancerSecurityGroups, targetSecurityGroups } = this.deployed;
    return (
      port !== undefined && allowsConnection(loadBalancerSecurityGroups, targetSecurityGroups, port)
    );
  }
}

/** Creates, updates and removes live target groups so that they match the deployed ones. */
export function followTargetGroups(live: Map<string, LiveTargetGroup>, deployed: Deployed): void {
  for (const [arn, group] of live) {
    if (deployed.targetGroups.has(arn)) continue;
    group.stop();
    live.delete(arn);
  }
  for (const [arn, settings] of deployed.targetGroups) {
    const group = live.get(arn);
    if (group) group.deployed = settings;
    else live.set(arn, new LiveTargetGroup(arn, settings));
  }
}

function key({ id, port }: TargetAddress): string {
  return `${id}:${port}`;
}
