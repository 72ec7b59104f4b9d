import type { LocalAws } from "../emulator/aws";
import { LoadBalancerReader, type DeployedListener } from "./deployed-load-balancers";
import { ListenerServer } from "./listener-server";
import { poll } from "../poll";
import { followTargetGroups, type LiveTargetGroup } from "./target-groups";

/** Listeners, rules, attributes and security groups change with a deploy only. */
const configurationIntervalMs = 1000;

/** Targets come and go with tasks. */
const targetsIntervalMs = 250;

/** The deployed load balancers, served on localhost. */
export interface LoadBalancers {
  /** The local URL of a listener; undefined while it is not served. */
  url(loadBalancerName: string, listenerPort: number): string | undefined;
  stop(): Promise<void>;
}

/**
 * Serves the HTTP listeners of the load balancers that are deployed, and follows every change of them.
 *
 * @param preferredPort the local port of the first listener. @default - a free one
 * @param onEvent is told when a listener comes or goes, and what cannot be read
 */
export async function startLoadBalancers(props: {
  readonly aws: LocalAws;
  readonly preferredPort?: number;
  readonly onEvent: (message: string) => void;
}): Promise<LoadBalancers> {
  const { aws, onEvent } = props;
  const reader = new LoadBalancerReader(aws);
  const listeners = new Map<string, ListenerServer>();
  const targetGroups = new Map<string, LiveTargetGroup>();
  const onError = (error: Error) => {
    onEvent(`load balancer: ${error.message}`);
  };

  const serve = async (deployed: DeployedListener) => {
    const preferredPort = listeners.size === 0 ? (props.preferredPort ?? 0) : 0;
    const server = new ListenerServer(deployed, (arn) => targetGroups.get(arn));
    listeners.set(deployed.arn, server);
    await server.listen(preferredPort);
    onEvent(`${deployed.loadBalancerName}:${deployed.port} is served on ${server.url}`);
  };
  const readConfiguration = async () => {
    const deployed = await reader.read();
    followTargetGroups(targetGroups, deployed);
    for (const listener of deployed.listeners) {
      const server = listeners.get(listener.arn);
      if (server) server.deployed = listener;
      else await serve(listener);
    }
    const present = new Set(deployed.listeners.map(({ arn }) => arn));
    for (const [arn, server] of listeners) {
      if (present.has(arn)) continue;
      listeners.delete(arn);
      await server.close();
      onEvent(`${server.deployed.loadBalancerName}:${server.deployed.port} is gone`);
    }
  };
  let following = Promise.resolve();
  const follow = () => (following = following.catch(() => undefined).then(readConfiguration));
  const followTargets = async () => {
    const groups = [...targetGroups.values()];
    const registered = await Promise.all(groups.map(({ arn }) => reader.targets(arn)));
    const added = groups.map((group, index) => group.follow(registered[index] ?? []));
    // The first check of a new target needs its service's security groups.
    if (added.flat().length > 0) await follow();
    for (const [index, group] of groups.entries()) {
      added[index]?.forEach((target) => {
        group.check(target);
      });
    }
    await Promise.all(groups.map((group) => group.report(aws)));
  };

  await follow();
  const configuration = poll(configurationIntervalMs, follow, onError);
  const targets = poll(targetsIntervalMs, followTargets, onError);
  return {
    url(loadBalancerName, listenerPort) {
      const server = [...listeners.values()].find(
        ({ deployed }) =>
          deployed.loadBalancerName === loadBalancerName && deployed.port === listenerPort,
      );
      return server?.url;
    },
    async stop() {
      await Promise.all([configuration.stop(), targets.stop()]);
      for (const group of targetGroups.values()) group.stop();
      await Promise.all([...listeners.values()].map((server) => server.close()));
      reader.close();
    },
  };
}
