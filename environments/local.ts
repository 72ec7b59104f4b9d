import { defineEnvironment, type Environment } from "../model/environment";
import type { Network } from "../model/network";
import type { TokenIssuer } from "../model/token-issuer";

/** What the local AWS plays. */
export const LOCAL_ACCOUNT = "123456789012";
export const LOCAL_REGION = "eu-west-1";

/** The local AWS, on the network that its own foundation made. */
export const local = (network: Network, tokenIssuer?: TokenIssuer): Environment =>
  defineEnvironment({
    file: __filename,
    name: "local",
    account: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    network,
    taskSize: { cpu: 256, memoryMiB: 512 },
    // Two, so that a rolling deploy and the load balancer's turns can be seen.
    scaling: { desiredCount: 2, minCapacity: 2, maxCapacity: 4, targetCpuPercent: 60 },
    capacityProviderStrategy: [{ capacityProvider: "FARGATE", weight: 1 }],
    tableThroughput: { maxReadUnits: 4000, maxWriteUnits: 1000 },
    logRetentionDays: 1,
    keptImages: 20,
    deletionProtection: false,
    singleEndpoint: true,
    ...(tokenIssuer && { tokenIssuer }),
  });
