import { mismatch, type Problem } from "./problem";

/** The network of an environment, which `foundation/network.yaml` creates before the first deploy. */
export interface Network {
  readonly vpcId: string;
  /** Two or more subnets for the load balancer, in different availability zones. */
  readonly publicSubnetIds: readonly string[];
  /** Two or more subnets for the tasks, without a route to the internet. */
  readonly privateSubnetIds: readonly string[];
  /** Security group of the VPC's interface endpoints. The tasks reach them on port 443. */
  readonly endpointSecurityGroupId: string;
}

export function* networkProblems(network: Network): Iterable<Problem> {
  yield* mismatch("network.vpcId", network.vpcId, resourceId("vpc"), "an id such as vpc-0a1b2c3d");
  yield* mismatch(
    "network.endpointSecurityGroupId",
    network.endpointSecurityGroupId,
    resourceId("sg"),
    "an id such as sg-0a1b2c3d",
  );
  for (const field of ["publicSubnetIds", "privateSubnetIds"] as const) {
    const ids = network[field];
    if (new Set(ids).size < 2) {
      yield { field: `network.${field}`, value: ids, allowed: "two or more different subnets" };
    }
    for (const id of ids) {
      yield* mismatch(`network.${field}`, id, resourceId("subnet"), "ids such as subnet-0a1b2c3d");
    }
  }
  const shared = network.publicSubnetIds.filter((id) => network.privateSubnetIds.includes(id));
  if (shared.length > 0) {
    yield {
      field: "network.privateSubnetIds",
      value: shared,
      allowed: "subnets that are not in network.publicSubnetIds too",
    };
  }
}

const resourceId = (prefix: string) => new RegExp(`^${prefix}-[0-9a-f]{8,17}$`);
