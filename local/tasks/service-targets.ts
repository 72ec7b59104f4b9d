import type { LoadBalancer } from "@aws-sdk/client-ecs";
import {
  DeregisterTargetsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { clientConfig, type LocalAws } from "../emulator/aws";
import type { TaskAddress } from "./task-address";

/** State and reason of a target, as reported by the load balancer. */
export interface TargetHealth {
  readonly targetGroupArn: string;
  readonly state: string;
  readonly reason: string;
}

/**
 * The minimum time between the deregistration of a target and its SIGTERM. The local load balancer looks for
 * changes four times a second, and must have noticed that this one is deregistered.
 */
const LEAST_DEREGISTRATION_DELAY_MS = 1500;

/** Registers, watches and removes a service's tasks in the target groups of its `loadBalancers`. */
export class ServiceTargets {
  private readonly client: ElasticLoadBalancingV2Client;

  constructor(aws: LocalAws) {
    this.client = new ElasticLoadBalancingV2Client(clientConfig(aws));
  }

  async register(loadBalancers: LoadBalancer[], address: TaskAddress): Promise<void> {
    for (const TargetGroupArn of targetGroups(loadBalancers)) {
      await this.client.send(
        new RegisterTargetsCommand({ TargetGroupArn, Targets: [target(address)] }),
      );
    }
  }

  /** Deregisters the task and waits for the longest deregistration delay of its target groups. */
  async deregister(
    loadBalancers: LoadBalancer[],
    address: TaskAddress,
    wait: (milliseconds: number) => Promise<void>,
  ): Promise<void> {
    const delays = [LEAST_DEREGISTRATION_DELAY_MS];
    for (const TargetGroupArn of targetGroups(loadBalancers)) {
      const { Attributes = [] } = await this.client.send(
        new DescribeTargetGroupAttributesCommand({ TargetGroupArn }),
      );
      const delay = Attributes.find(({ Key }) => Key === "deregistration_delay.timeout_seconds");
      delays.push(Number(delay?.Value ?? 300) * 1000);
      await this.client.send(
        new DeregisterTargetsCommand({ TargetGroupArn, Targets: [target(address)] }),
      );
    }
    await wait(Math.max(...delays));
  }

  /** Returns the health of a task in each of the service's target groups. */
  async health(loadBalancers: LoadBalancer[], address: TaskAddress): Promise<TargetHealth[]> {
    return Promise.all(
      targetGroups(loadBalancers).map(async (targetGroupArn) => {
        const { TargetHealthDescriptions } = await this.client.send(
          new DescribeTargetHealthCommand({
            TargetGroupArn: targetGroupArn,
            Targets: [target(address)],
          }),
        );
        const health = TargetHealthDescriptions?.[0]?.TargetHealth;
        return { targetGroupArn, state: health?.State ?? "unused", reason: health?.Reason ?? "" };
      }),
    );
  }

  /** The longest time until a target group reports a target that does not respond as unhealthy. */
  async unhealthyAfterMs(loadBalancers: LoadBalancer[]): Promise<number> {
    const TargetGroupArns = targetGroups(loadBalancers);
    if (TargetGroupArns.length === 0) return 0;
    const { TargetGroups = [] } = await this.client.send(
      new DescribeTargetGroupsCommand({ TargetGroupArns }),
    );
    const seconds = TargetGroups.map(
      (group) =>
        ((group.HealthCheckIntervalSeconds ?? 30) + (group.HealthCheckTimeoutSeconds ?? 5)) *
        (group.UnhealthyThresholdCount ?? 2),
    );
    return Math.max(...seconds) * 1000;
  }

  close(): void {
    this.client.destroy();
  }
}

function targetGroups(loadBalancers: LoadBalancer[]): string[] {
  return loadBalancers.flatMap(({ targetGroupArn }) => targetGroupArn ?? []);
}

function target({ host, port }: TaskAddress) {
  return { Id: host, Port: port };
}
