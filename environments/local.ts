import { defineEnvironment, type Environment } from "../model/environment";
import type { Network } from "../model/network";
import type { TokenIssuer } from "../model/token-issuer";

/** The account and the region of the local AWS. */
export const LOCAL_ACCOUNT = "123456789012";
export const LOCAL_REGION = "eu-west-1";

/** The environment of the local AWS, in the network that the local `foundation/network.yaml` created. */
export const local = (network: Network, tokenIssuer?: TokenIssuer): Environment =>
  defineEnvironment({
    file: __filename,
    name: "local",
    account: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    network,
    taskSize: { cpu: 256, memoryMiB: 512 },
    // Two tasks make rolling deploys and the load balancer's distribution of requests visible.
    scaling: { desiredCount: 2, minCapacity: 2, maxCapacity: 4, targetCpuPercent: 60 },
    capacityProviderStrategy: [{ capacityProvider: "FARGATE", weight: 1 }],
    tableThroughput: { maxReadUnits: 4000, maxWriteUnits: 1000 },
    logRetentionDays: 1,
    keptImages: 20,
    deletionProtection: false,
    singleEndpoint: true,
    ...(tokenIssuer && { tokenIssuer }),
  });
