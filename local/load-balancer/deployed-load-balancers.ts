import { DescribeSecurityGroupsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { ECSClient } from "@aws-sdk/client-ecs";
import {
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type LoadBalancer,
  type Rule,
  type TargetGroup,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { clientConfig, type LocalAws } from "../emulator/aws";
import { deployedServices } from "../tasks/deployed-services";
import type { SecurityGroups } from "./security-groups";

/** A deployed HTTP listener, with the settings that are needed to serve it. */
export interface DeployedListener {
  readonly arn: string;
  readonly port: number;
  readonly loadBalancerName: string;
  readonly rules: Rule[];
  readonly idleTimeoutSeconds: number;
  readonly dropInvalidHeaderFields: boolean;
  readonly securityGroups: SecurityGroups;
}

/** A deployed target group. */
export interface DeployedTargetGroup {
  readonly settings: TargetGroup;
  /** The security groups of the load balancers that the target group is attached to. */
  readonly loadBalancerSecurityGroups: SecurityGroups;
  /** The security groups of the ECS services whose tasks are its targets. */
  readonly targetSecurityGroups: SecurityGroups;
  /**
   * The port in the rules of security groups. It differs from a target's own port when all tasks
   * share one loopback address. @default undefined - no service registers targets here
   */
  readonly containerPort?: number;
}

/** The load balancers that are deployed at one moment. */
export interface Deployed {
  readonly listeners: DeployedListener[];
  /** The target groups by ARN. */
  readonly targetGroups: ReadonlyMap<string, DeployedTargetGroup>;
}

/** Reads the deployed load balancers through the AWS API. */
export class LoadBalancerReader {
  private readonly elb: ElasticLoadBalancingV2Client;
  private readonly ec2: EC2Client;
  private readonly ecs: ECSClient;

  constructor(aws: LocalAws) {
    this.elb = new ElasticLoadBalancingV2Client(clientConfig(aws));
    this.ec2 = new EC2Client(clientConfig(aws));
    this.ecs = new ECSClient(clientConfig(aws));
  }

  /** All HTTP listeners and all target groups. */
  async read(): Promise<Deployed> {
    const { LoadBalancers = [] } = await this.elb.send(new DescribeLoadBalancersCommand({}));
    if (LoadBalancers.length === 0) return { listeners: [], targetGroups: new Map() };
    const groups = await this.securityGroups();
    const listeners = await Promise.all(
      LoadBalancers.filter(({ Type }) => Type === "application").map(async (loadBalancer) => {
        const arn = loadBalancer.LoadBalancerArn ?? "";
        const common = {
          loadBalancerName: loadBalancer.LoadBalancerName ?? "",
          securityGroups: groups(loadBalancer.SecurityGroups),
          ...(await this.attributes(arn)),
        };
        return (await this.listeners(arn)).map((listener) => ({ ...common, ...listener }));
      }),
    );
    const targetGroups = await this.targetGroups(LoadBalancers, groups);
    return { listeners: listeners.flat(), targetGroups };
  }

  /** The registered targets of a target group, except those that are draining. */
  async targets(targetGroupArn: string): Promise<{ id: string; port: number }[]> {
    const { TargetHealthDescriptions = [] } = await this.elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
    );
    return TargetHealthDescriptions.filter(
      ({ TargetHealth }) => TargetHealth?.State !== "draining",
    ).map(({ Target }) => ({ id: Target?.Id ?? "", port: Target?.Port ?? 0 }));
  }

  close(): void {
    for (const client of [this.elb, this.ec2, this.ecs]) client.destroy();
  }

  private async attributes(loadBalancerArn: string) {
    const { Attributes = [] } = await this.elb.send(
      new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: loadBalancerArn }),
    );
    const value = (key: string) => Attributes.find(({ Key }) => Key === key)?.Value;
    return {
      idleTimeoutSeconds: Number(value("idle_timeout.timeout_seconds") ?? 60),
      dropInvalidHeaderFields: value("routing.http.drop_invalid_header_fields.enabled") === "true",
    };
  }

  private async listeners(loadBalancerArn: string) {
    const { Listeners = [] } = await this.elb.send(
      new DescribeListenersCommand({ LoadBalancerArn: loadBalancerArn }),
    );
    return Promise.all(
      Listeners.filter(({ Protocol }) => Protocol === "HTTP").map(async (listener) => {
        const arn = listener.ListenerArn ?? "";
        const { Rules } = await this.elb.send(new DescribeRulesCommand({ ListenerArn: arn }));
        return { arn, port: listener.Port ?? 0, rules: Rules ?? [] };
      }),
    );
  }

  private async targetGroups(
    loadBalancers: LoadBalancer[],
    groups: (ids?: string[]) => SecurityGroups,
  ) {
    const { TargetGroups = [] } = await this.elb.send(new DescribeTargetGroupsCommand({}));
    const registrants = await this.registrants();
    return new Map(
      TargetGroups.map((settings): [string, DeployedTargetGroup] => {
        const arn = settings.TargetGroupArn ?? "";
        const attached = loadBalancers.filter(({ LoadBalancerArn }) =>
          settings.LoadBalancerArns?.includes(LoadBalancerArn ?? ""),
        );
        return [
          arn,
          {
            settings,
            loadBalancerSecurityGroups: groups(attached.flatMap((lb) => lb.SecurityGroups ?? [])),
            targetSecurityGroups: groups(registrants.get(arn)?.securityGroupIds),
            containerPort: registrants.get(arn)?.containerPort,
          },
        ];
      }),
    );
  }

  /**
   * The security groups and container port of the services that register in each target group, by
   * its ARN.
   */
  private async registrants() {
    const found = new Map<string, { securityGroupIds: string[]; containerPort?: number }>();
    for (const { loadBalancers = [], networkConfiguration } of await deployedServices(this.ecs)) {
      const ids = networkConfiguration?.awsvpcConfiguration?.securityGroups ?? [];
      for (const { targetGroupArn = "", containerPort } of loadBalancers) {
        const others = found.get(targetGroupArn)?.securityGroupIds ?? [];
        found.set(targetGroupArn, { securityGroupIds: [...others, ...ids], containerPort });
      }
    }
    return found;
  }

  private async securityGroups(): Promise<(ids?: string[]) => SecurityGroups> {
    const { SecurityGroups = [] } = await this.ec2.send(new DescribeSecurityGroupsCommand({}));
    return (ids = []) => SecurityGroups.filter(({ GroupId }) => ids.includes(GroupId ?? ""));
  }
}
