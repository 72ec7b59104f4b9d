import {
  DescribeServicesCommand,
  paginateListClusters,
  paginateListServices,
  type ECSClient,
  type Service,
} from "@aws-sdk/client-ecs";

/** Returns the active services of all clusters. */
export async function deployedServices(ecs: ECSClient): Promise<Service[]> {
  const services: Service[] = [];
  for await (const { clusterArns = [] } of paginateListClusters({ client: ecs }, {})) {
    for (const cluster of clusterArns) {
      // DescribeServices accepts at most ten services, which is the default page size of ListServices.
      for await (const { serviceArns = [] } of paginateListServices({ client: ecs }, { cluster })) {
        if (serviceArns.length === 0) continue;
        const described = await ecs.send(
          new DescribeServicesCommand({ cluster, services: serviceArns }),
        );
        services.push(...(described.services ?? []));
      }
    }
  }
  return services.filter(({ status }) => status === "ACTIVE");
}
