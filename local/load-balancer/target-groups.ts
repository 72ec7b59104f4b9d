import type { LocalAws } from "../emulator/aws";
import type { Deployed, DeployedTargetGroup } from "./deployed-load-balancers";
import { reportTargetHealth } from "../emulator/control";
import { allowsConnection } from "./security-groups";
import { TargetHealthCheck, type TargetAddress } from "./target-health";

/** Where a request for a target group may go. */
export type Route =
  | { readonly kind: "target"; readonly target: TargetAddress }
  /** No target is registered. */
  | { readonly kind: "empty" }
  /** The security groups do not let the load balancer reach the target. */
  | { readonly kind: "blocked"; readonly target: TargetAddress };

/** One target group at work: its targets, their health checks, whose turn it is. */
export class LiveTargetGroup {
  private readonly checks = new Map<string, TargetHealthCheck>();
  private turn = 0;
  private unreported = false;

  constructor(
    readonly arn: string,
    public deployed: DeployedTargetGroup,
  ) {}

  /** Takes in which targets are registered now: forgets those that are gone, answers those that are new. */
  follow(targets: TargetAddress[]): TargetAddress[] {
    const present = new Set(targets.map(key));
    for (const [name, check] of this.checks) {
      if (present.has(name)) continue;
      check.stop();
      this.checks.delete(name);
    }
    return targets.filter((target) => !this.checks.has(key(target)));
  }

  /** Tells the emulator how its targets are, when that has changed. */
  async report(aws: LocalAws): Promise<void> {
    if (!this.unreported || this.checks.size === 0) return;
    this.unreported = false;
    const targets = [...this.checks.values()].map(({ report }) => report);
    await reportTargetHealth(aws, { targetGroupArn: this.arn, targets }).catch((error: unknown) => {
      this.unreported = true;
      throw error;
    });
  }

  /** The next healthy target in turn; of all of them when none is healthy, as ALB fails open. */
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

  /** Begins to check a target. */
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

/** Keeps the live target groups in step with the deployed ones; answers those that are new. */
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
