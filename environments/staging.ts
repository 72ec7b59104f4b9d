import { defineEnvironment, PLACEHOLDER_ACCOUNT } from "../model/environment";

export const staging = defineEnvironment({
  file: __filename,
  name: "staging",
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
  scaling: { desiredCount: 2, minCapacity: 2, maxCapacity: 4, targetCpuPercent: 60 },
  capacityProviderStrategy: [
    { capacityProvider: "FARGATE", weight: 1, base: 1 },
    { capacityProvider: "FARGATE_SPOT", weight: 1 },
  ],
  tableThroughput: { maxReadUnits: 1000, maxWriteUnits: 250 },
  logRetentionDays: 14,
  keptImages: 20,
  deletionProtection: false,
});
