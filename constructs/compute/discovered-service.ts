import { ServiceDiscoveryService } from "@cdktf/provider-aws/lib/service-discovery-service";
import { Construct } from "constructs";

export interface DiscoveredServiceProps {
  /** The service's name in the namespace. */
  readonly name: string;
  readonly namespaceId: string;
}

/** A name in private DNS that resolves to the addresses of up to eight healthy tasks of a service. */
export class DiscoveredService extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { name, namespaceId }: DiscoveredServiceProps) {
    super(scope, id);
    this.arn = new ServiceDiscoveryService(this, "this", {
      name,
      dnsConfig: {
        namespaceId,
        routingPolicy: "MULTIVALUE",
        // A caller knows the address of a task that has stopped for at most this many seconds.
        dnsRecords: [{ type: "A", ttl: 10 }],
      },
      // ECS reports the health of each task. AWS ignores any other threshold than 1.
      healthCheckCustomConfig: { failureThreshold: 1 },
      // ECS deregisters the tasks of a deleted service after it has answered. Until then, Cloud Map
      // refuses to delete this.
      forceDestroy: true,
    }).arn;
  }
}
