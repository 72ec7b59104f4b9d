import type { LocalAws } from "../emulator/aws";
import { followChanges, readAfterChange } from "../emulator/changes";
import { LoadBalancerReader, type DeployedListener } from "./deployed-load-balancers";
import { ListenerServer } from "./listener-server";
import { poll, type Polling } from "../poll";
import { followTargetGroups, type LiveTargetGroup } from "./target-groups";

const INTERVAL_MS = 250;

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
  try {
    await loadBalancers.start();
    return loadBalancers;
  } catch (error) {
    await loadBalancers.stop();
    throw error;
  }
}

class FollowedLoadBalancers implements LoadBalancers {
  private readonly reader: LoadBalancerReader;
  private readonly listeners = new Map<string, ListenerServer>();
  private readonly targetGroups = new Map<string, LiveTargetGroup>();
  private readonly changes: ReturnType<typeof followChanges>;
  private readonly followDeployed: () => Promise<void>;
  private polling?: Polling;

  constructor(private readonly props: LoadBalancersProps) {
    this.reader = new LoadBalancerReader(props.aws);
    this.changes = followChanges(props.aws);
    this.followDeployed = readAfterChange(this.changes, async () => {
      await this.followConfiguration();
      await this.followTargets();
    });
  }

  async start(): Promise<void> {
    await this.followDeployed();
    const round = async () => {
      await this.followDeployed();
      await this.reportHealth();
    };
    this.polling = poll(INTERVAL_MS, round, (error) => {
      this.props.onEvent(`load balancer: ${error.message}`);
    });
  }

  url(loadBalancerName: string, listenerPort: number): string | undefined {
    const server = [...this.listeners.values()].find(
      ({ deployed }) =>
        deployed.loadBalancerName === loadBalancerName && deployed.port === listenerPort,
    );
    return server?.url;
  }

  async stop(): Promise<void> {
    await Promise.all([this.polling?.stop(), this.changes.stop()]);
    for (const group of this.targetGroups.values()) group.stop();
    await Promise.all([...this.listeners.values()].map((server) => server.close()));
    this.reader.close();
  }

  private async followConfiguration() {
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
    if (added.flat().length > 0) await this.followConfiguration();
    for (const [index, group] of groups.entries()) {
      added[index]?.forEach((target) => {
        group.check(target);
      });
    }
  }

  private async reportHealth() {
    const groups = [...this.targetGroups.values()];
    await Promise.all(groups.map((group) => group.report(this.props.aws)));
  }
}
