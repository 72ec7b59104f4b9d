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

/** State and reason of a target in a target group, as the load balancer tells them. */
interface TargetHealth {
  readonly targetGroupArn: string;
  readonly state: string;
  readonly reason: string;
}

/**
 * The least time between a target's removal and its SIGTERM: the load balancer looks at its targets
 * four times a second, and must have seen that this one is gone.
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

  /** Removes the task and waits until the last of its target groups has let its requests end. */
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

  /** The health of a task in each of the service's target groups. */
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

  /** The longest time in which the target groups call a target that does not answer unhealthy. */
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
