import { defineEnvironment, PLACEHOLDER_ACCOUNT } from "../model/environment";

export const dev = defineEnvironment({
  file: __filename,
  name: "dev",
  account: PLACEHOLDER_ACCOUNT,
  region: "eu-west-1",
  // Outputs of foundation/network.yaml in this account.
  network: {
    vpcId: "vpc-00000000000000000",
    publicSubnetIds: [
      "subnet-000000000000000a1",
      "subnet-000000000000000a2",
      "subnet-000000000000000a3",
    ],
    privateSubnetIds: [
      "subnet-000000000000000b1",
      "subnet-000000000000000b2",
      "subnet-000000000000000b3",
    ],
    endpointSecurityGroupId: "sg-00000000000000000",
  },
  taskSize: { cpu: 256, memoryMiB: 512 },
  scaling: { desiredCount: 1, minCapacity: 1, maxCapacity: 2, targetCpuPercent: 60 },
  capacityProviderStrategy: [{ capacityProvider: "FARGATE_SPOT", weight: 1 }],
  tableThroughput: { maxReadUnits: 500, maxWriteUnits: 100 },
  logRetentionDays: 7,
  keptImages: 20,
  deletionProtection: false,
});
