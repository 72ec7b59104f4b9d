import { ServiceDiscoveryPrivateDnsNamespace } from "@cdktf/provider-aws/lib/service-discovery-private-dns-namespace";
import { Construct } from "constructs";
import { calledServices } from "../model/platform";
import type { PlatformState } from "./state-definition";
import { StateProps, StateStack } from "./state-stack";

/** The private DNS namespace in which services find each other by name. */
class DiscoveryStack extends StateStack {
  constructor(scope: Construct, props: StateProps) {
    super(scope, "discovery", props);
    const namespace = new ServiceDiscoveryPrivateDnsNamespace(this, "namespace", {
      name: this.names.namespace,
      description: "The services that other services call",
      vpc: this.variables.vpcId,
    });
    this.output("discovery", { namespace_id: namespace.id });
  }
}

export const discovery: PlatformState = {
  per: "platform",
  exists: (platform) => calledServices(platform).length > 0,
  create: (scope, props) => new DiscoveryStack(scope, props),
};
