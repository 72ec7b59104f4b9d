import { get } from "node:http";
import type { TargetGroup } from "@aws-sdk/client-elastic-load-balancing-v2";
import { poll, type Polling } from "../poll";
import type { TargetReport } from "../emulator/control";

/** The address of a target. */
export interface TargetAddress {
  readonly id: string;
  readonly port: number;
}

/** The result of one check: undefined when it passed, otherwise ALB's reason and description. */
type CheckResult = { readonly reason: string; readonly description: string } | undefined;

/** A target's health, and the number of consecutive checks that contradict it. */
interface HealthState {
  readonly report: TargetReport;
  readonly streak: number;
}

/** The health of a target that was just registered. */
export function initialHealth(target: TargetAddress): HealthState {
  return {
    report: {
      ...target,
      state: "initial",
      reason: "Elb.InitialHealthChecking",
      description: "Initial health checks in progress",
    },
    streak: 0,
  };
}

/**
 * A target's health after one more check. A new target is healthy after its first passed check.
 * Later changes need as many consecutive checks as the thresholds of the target group.
 */
export function nextHealth(
  current: HealthState,
  failure: CheckResult,
  thresholds: Pick<TargetGroup, "HealthyThresholdCount" | "UnhealthyThresholdCount">,
): HealthState {
  const { report } = current;
  const { HealthyThresholdCount: healthy = 5, UnhealthyThresholdCount: unhealthy = 2 } = thresholds;
  const target = { id: report.id, port: report.port };
  if (failure) {
    if (report.state === "unhealthy") return { report: { ...report, ...failure }, streak: 0 };
    const streak = current.streak + 1;
    return streak >= unhealthy
      ? { report: { ...target, ...failure, state: "unhealthy" }, streak: 0 }
      : { report, streak };
  }
  if (report.state !== "unhealthy") return { report: { ...target, state: "healthy" }, streak: 0 };
  const streak = current.streak + 1;
  return streak >= healthy
    ? { report: { ...target, state: "healthy" }, streak: 0 }
    : { report, streak };
}

/** Checks one target at the interval of its target group, for the first time immediately. */
export class TargetHealthCheck {
  private health: HealthState;
  private polling?: Polling;

  /**
   * @param settings returns the current settings of the target group
   * @param reachable whether the security groups allow the load balancer to connect, on the target
   * group's own health check port or on the traffic port
   */
  constructor(
    readonly target: TargetAddress,
    private readonly settings: () => TargetGroup,
    private readonly reachable: (healthCheckPort?: number) => boolean,
    private readonly onChange: () => void,
  ) {
    this.health = initialHealth(target);
  }

  get report(): TargetReport {
    return this.health.report;
  }

  start(): void {
    const seconds = this.settings().HealthCheckIntervalSeconds ?? 30;
    this.polling = poll(
      seconds * 1000,
      () => this.check(),
      () => undefined,
    );
  }

  stop(): void {
    void this.polling?.stop();
  }

  private async check(): Promise<void> {
    const settings = this.settings();
    // The setting is a number or "traffic-port".
    const healthCheckPort = Number(settings.HealthCheckPort) || undefined;
    const failure = this.reachable(healthCheckPort)
      ? await checkOnce(this.target.id, healthCheckPort ?? this.target.port, settings)
      : timedOut;
    const before = this.report;
    this.health = nextHealth(this.health, failure, settings);
    if (JSON.stringify(before) !== JSON.stringify(this.report)) this.onChange();
  }
}

const timedOut = { reason: "Target.Timeout", description: "Request timed out" };

function checkOnce(host: string, port: number, settings: TargetGroup): Promise<CheckResult> {
  const { HealthCheckPath: path = "/", HealthCheckTimeoutSeconds: seconds = 5, Matcher } = settings;
  return new Promise((resolve) => {
    const request = get(
      { host, port, path, agent: false, headers: { "user-agent": "ELB-HealthChecker/2.0" } },
      (response) => {
        response.resume();
        const code = response.statusCode ?? 0;
        clearTimeout(timer);
        resolve(
          matchesCode(Matcher?.HttpCode ?? "200", code)
            ? undefined
            : {
                reason: "Target.ResponseCodeMismatch",
                description: `Health checks failed with these codes: [${code}]`,
              },
        );
      },
    );
    const timer = setTimeout(() => {
      resolve(timedOut);
      request.destroy();
    }, seconds * 1000);
    request.on("error", () => {
      clearTimeout(timer);
      resolve({ reason: "Target.FailedHealthChecks", description: "Health checks failed" });
    });
  });
}

/** Evaluates ALB's matcher: `200`, `200,202` or `200-299`. */
export function matchesCode(matcher: string, code: number): boolean {
  return matcher.split(",").some((part) => {
    const [from = "", to = from] = part.split("-");
    return Number(from) <= code && code <= Number(to);
  });
}
