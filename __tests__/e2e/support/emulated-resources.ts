import { CreateTableCommand, type CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import {
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  type CreateServiceCommandInput,
} from "@aws-sdk/client-ecs";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { uniqueName } from "./unique-name";
import type { EmulatedAws } from "./use-emulator";

// Resources with as few settings as AWS takes, for tests that are about something else.

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export const OUR_TAGS: Tag[] = [{ Key: "Platform", Value: "ours" }];
export const THEIR_TAGS: Tag[] = [{ Key: "Platform", Value: "theirs" }];

export const HTTP = { Protocol: "HTTP", Port: 80 } as const;

/** @returns its id */
export async function createVpc({ config }: EmulatedAws) {
  const { Vpc } = await new EC2Client(config).send(
    new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }),
  );
  return Vpc?.VpcId ?? "";
}

/** @returns their ids: one subnet in each of two zones */
export async function createSubnets({ config, region }: EmulatedAws, VpcId: string) {
  const ec2 = new EC2Client(config);
  const subnets = ["a", "b"].map(async (zone, index) => {
    const AvailabilityZone = region + zone;
    const CidrBlock = `10.0.${index}.0/24`;
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({ VpcId, AvailabilityZone, CidrBlock }),
    );
    return Subnet?.SubnetId ?? "";
  });
  return Promise.all(subnets);
}

/** @returns the id of a new security group */
export async function createSecurityGroup(ec2: EC2Client, VpcId: string, Tags: Tag[] = []) {
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({
      GroupName: uniqueName("group"),
      Description: "of a test",
      VpcId,
      TagSpecifications: Tags.length > 0 ? [{ ResourceType: "security-group", Tags }] : undefined,
    }),
  );
  return GroupId ?? "";
}

/** @returns the ARN of a new revision */
export async function registerTaskDefinition(ecs: ECSClient, family: string) {
  const { taskDefinition } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family,
      containerDefinitions: [{ name: "app", image: "app:1", memory: 128 }],
    }),
  );
  return taskDefinition?.taskDefinitionArn ?? "";
}

/** A service in a new cluster. */
export async function createService(
  { config }: EmulatedAws,
  settings: Partial<CreateServiceCommandInput> = {},
) {
  const ecs = new ECSClient(config);
  const cluster = uniqueName("cluster");
  const name = uniqueName("service");
  await ecs.send(new CreateClusterCommand({ clusterName: cluster }));
  const taskDefinition = await registerTaskDefinition(ecs, name);
  await ecs.send(
    new CreateServiceCommand({ cluster, serviceName: name, taskDefinition, ...settings }),
  );
  return { cluster, name, taskDefinition };
}

/** A table whose key is `id`, with the index `by-id`. */
export function tableOf(TableName: string, more: Partial<CreateTableCommandInput> = {}) {
  return new CreateTableCommand({
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    GlobalSecondaryIndexes: [
      {
        IndexName: "by-id",
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        Projection: { ProjectionType: "ALL" },
      },
    ],
    ...more,
  });
}

export async function createBucket({ config }: EmulatedAws) {
  const Bucket = uniqueName("bucket");
  await new S3Client(config).send(new CreateBucketCommand({ Bucket }));
  return { Bucket, arn: `arn:aws:s3:::${Bucket}` };
}
