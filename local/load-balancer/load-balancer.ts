import type { LocalAws } from "../emulator/aws";
import { LoadBalancerReader, type DeployedListener } from "./deployed-load-balancers";
import { ListenerServer } from "./listener-server";
import { poll, type Polling } from "../poll";
import { followTargetGroups, type LiveTargetGroup } from "./target-groups";

/** Only a deployment changes listeners, rules, attributes and security groups. */
const CONFIGURATION_INTERVAL_MS = 1000;

/** Targets change whenever tasks start or stop. */
const TARGETS_INTERVAL_MS = 250;

/** The deployed load balancers, served on localhost. */
export interface LoadBalancers {
  /** The local URL of a listener, or undefined while it is not served. */
  url(loadBalancerName: string, listenerPort: number): string | undefined;
  stop(): Promise<void>;
}

interface LoadBalancersProps {
  readonly aws: LocalAws;
  /** The local port of the first listener. @default - a free one */
  readonly preferredPort?: number;
  /** Called when a listener appears or disappears, and with each error. */
  readonly onEvent: (message: string) => void;
}

/**
 * Serves the HTTP listeners of the deployed load balancers, and follows every change of their
 * configuration.
 */
export async function startLoadBalancers(props: LoadBalancersProps): Promise<LoadBalancers> {
  const loadBalancers = new FollowedLoadBalancers(props);
  await loadBalancers.start();
  return loadBalancers;
}

class FollowedLoadBalancers implements LoadBalancers {
  private readonly reader: LoadBalancerReader;
  private readonly listeners = new Map<string, ListenerServer>();
  private readonly targetGroups = new Map<string, LiveTargetGroup>();
  private following = Promise.resolve();
  private polls: readonly Polling[] = [];

  constructor(private readonly props: LoadBalancersProps) {
    this.reader = new LoadBalancerReader(props.aws);
  }

  async start(): Promise<void> {
    const onError = (error: Error) => {
      this.props.onEvent(`load balancer: ${error.message}`);
    };
    await this.follow();
    this.polls = [
      poll(CONFIGURATION_INTERVAL_MS, () => this.follow(), onError),
      poll(TARGETS_INTERVAL_MS, () => this.followTargets(), onError),
    ];
  }

  url(loadBalancerName: string, listenerPort: number): string | undefined {
    const server = [...this.listeners.values()].find(
      ({ deployed }) =>
        deployed.loadBalancerName === loadBalancerName && deployed.port === listenerPort,
    );
    return server?.url;
  }

  async stop(): Promise<void> {
    await Promise.all(this.polls.map((polling) => polling.stop()));
    for (const group of this.targetGroups.values()) group.stop();
    await Promise.all([...this.listeners.values()].map((server) => server.close()));
    this.reader.close();
  }

  /** Reads the configuration after the current read has ended. */
  private follow(): Promise<void> {
    this.following = this.following.catch(() => undefined).then(() => this.readConfiguration());
    return this.following;
  }

  private async readConfiguration() {
    const deployed = await this.reader.read();
    followTargetGroups(this.targetGroups, deployed);
    for (const listener of deployed.listeners) {
      const server = this.listeners.get(listener.arn);
      if (server) server.deployed = listener;
      else await this.serve(listener);
    }
    const present = new Set(deployed.listeners.map(({ arn }) => arn));
    for (const [arn, server] of this.listeners) {
      if (present.has(arn)) continue;
      this.listeners.delete(arn);
      await server.close();
      const { loadBalancerName, port } = server.deployed;
      this.props.onEvent(`${loadBalancerName}:${port} is gone`);
    }
  }

  private async serve(deployed: DeployedListener) {
    const preferredPort = this.listeners.size === 0 ? (this.props.preferredPort ?? 0) : 0;
    const server = new ListenerServer(deployed, (arn) => this.targetGroups.get(arn));
    this.listeners.set(deployed.arn, server);
    await server.listen(preferredPort);
    const { loadBalancerName, port } = deployed;
    this.props.onEvent(`${loadBalancerName}:${port} is served on ${server.url}`);
  }

  private async followTargets() {
    const groups = [...this.targetGroups.values()];
    const registered = await Promise.all(groups.map(({ arn }) => this.reader.targets(arn)));
    const added = groups.map((group, index) => group.follow(registered[index] ?? []));
    // The first health check of a new target needs the security groups of its service.
    if (added.flat().length > 0) await this.follow();
    for (const [index, group] of groups.entries()) {
      added[index]?.forEach((target) => {
        group.check(target);
      });
    }
    await Promise.all(groups.map((group) => group.report(this.props.aws)));
  }
}
