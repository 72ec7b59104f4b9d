import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { CreateTagsCommand, DeleteSecurityGroupCommand, EC2Client } from "@aws-sdk/client-ec2";
import { ECSClient, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import {
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  KMSClient,
} from "@aws-sdk/client-kms";
import {
  HTTP,
  OUR_TAGS,
  THEIR_TAGS,
  createSecurityGroup,
  createService,
  createVpc,
  tableOf,
  type Tag,
} from "../support/emulated-resources";
import { allow, roleWith } from "../support/emulated-role";
import { uniqueName } from "../support/unique-name";
import { useEmulator } from "../support/use-emulator";

const aws = useEmulator();

describe("conditions", () => {
  test("on the tags that are given hold for what is made, and for their keys", async () => {
    const vpc = await createVpc(aws);
    const role = await roleWith(
      aws,
      allow(["ec2:CreateSecurityGroup", "ec2:CreateTags"], aws.arn("ec2", "security-group/*"), {
        StringEquals: { "aws:RequestTag/Platform": "ours" },
        "ForAllValues:StringEquals": { "aws:TagKeys": ["Platform", "Name"] },
      }),
      allow("ec2:CreateSecurityGroup", aws.arn("ec2", "vpc/*")),
    );
    const ec2 = new EC2Client(role.config);
    await createSecurityGroup(ec2, vpc, OUR_TAGS);
    await createSecurityGroup(ec2, vpc, [...OUR_TAGS, { Key: "Name", Value: "x" }]);
    const refused = { name: "UnauthorizedOperation" };
    await expect(createSecurityGroup(ec2, vpc, THEIR_TAGS)).rejects.toMatchObject(refused);
    await expect(createSecurityGroup(ec2, vpc)).rejects.toMatchObject(refused);
    const more = [...OUR_TAGS, { Key: "Owner", Value: "x" }];
    await expect(createSecurityGroup(ec2, vpc, more)).rejects.toMatchObject(refused);
  });

  test("on the action that gives the tags leave those of existing things alone", async () => {
    const vpc = await createVpc(aws);
    const role = await roleWith(
      aws,
      allow("ec2:CreateSecurityGroup"),
      allow("ec2:CreateTags", "*", {
        StringEquals: { "ec2:CreateAction": "CreateSecurityGroup" },
      }),
    );
    const ec2 = new EC2Client(role.config);
    const group = await createSecurityGroup(ec2, vpc, THEIR_TAGS);
    await expect(
      ec2.send(new CreateTagsCommand({ Resources: [group], Tags: OUR_TAGS })),
    ).rejects.toThrow("ec2:CreateTags");
  });

  test("on the tags that a resource has tell ours from theirs, in each service", async () => {
    const tagged = { StringEquals: { "aws:ResourceTag/Platform": "ours" } };
    const role = await roleWith(aws, allow("*", "*", tagged));
    const vpc = await createVpc(aws);
    const elb = new ElasticLoadBalancingV2Client(aws.config);
    const kms = new KMSClient(aws.config);
    const make = async (tags: Tag[]) => {
      const value = tags[0]?.Value ?? "";
      const GroupId = await createSecurityGroup(new EC2Client(aws.config), vpc, tags);
      const group = { Name: uniqueName("tg"), VpcId: vpc, ...HTTP, Tags: tags };
      const { TargetGroups } = await elb.send(new CreateTargetGroupCommand(group));
      const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn;
      const { KeyMetadata } = await kms.send(
        new CreateKeyCommand({ Tags: [{ TagKey: "Platform", TagValue: value }] }),
      );
      const service = await createService(aws, { tags: [{ key: "Platform", value }] });
      return { GroupId, TargetGroupArn, KeyId: KeyMetadata?.KeyId, service };
    };
    const use = ({ GroupId, TargetGroupArn, KeyId, service }: Awaited<ReturnType<typeof make>>) => [
      () => new EC2Client(role.config).send(new DeleteSecurityGroupCommand({ GroupId })),
      () =>
        new ElasticLoadBalancingV2Client(role.config).send(
          new DeleteTargetGroupCommand({ TargetGroupArn }),
        ),
      () => new KMSClient(role.config).send(new DescribeKeyCommand({ KeyId })),
      () =>
        new ECSClient(role.config).send(
          new UpdateServiceCommand({
            cluster: service.cluster,
            service: service.name,
            desiredCount: 0,
          }),
        ),
    ];
    for (const call of use(await make(OUR_TAGS))) await call();
    for (const call of use(await make(THEIR_TAGS))) {
      await expect(call()).rejects.toThrow("no identity-based policy allows");
    }
  });

  test("on the cluster and the VPC that something is in", async () => {
    const [inside, outside] = [await createService(aws), await createService(aws)];
    const vpcs = [await createVpc(aws), await createVpc(aws)] as const;
    const groups = await Promise.all(
      vpcs.map((vpc) => createSecurityGroup(new EC2Client(aws.config), vpc)),
    );
    const role = await roleWith(
      aws,
      allow("ecs:*", "*", {
        ArnEquals: { "ecs:cluster": aws.arn("ecs", `cluster/${inside.cluster}`) },
      }),
      allow("ec2:*", "*", { ArnEquals: { "ec2:Vpc": aws.arn("ec2", `vpc/${vpcs[0]}`) } }),
    );
    const update = ({ cluster, name }: typeof inside) =>
      new ECSClient(role.config).send(new UpdateServiceCommand({ cluster, service: name }));
    await update(inside);
    await expect(update(outside)).rejects.toThrow("ecs:UpdateService");
    const remove = (GroupId?: string) =>
      new EC2Client(role.config).send(new DeleteSecurityGroupCommand({ GroupId }));
    await remove(groups[0]);
    await expect(remove(groups[1])).rejects.toThrow("ec2:DeleteSecurityGroup");
  });

  test("on partition keys hold for every key of the call", async () => {
    const table = uniqueName("table");
    await new DynamoDBClient(aws.config).send(tableOf(table));
    const keys = { "dynamodb:LeadingKeys": ["own-1", "own-2"] };
    const role = await roleWith(
      aws,
      allow("dynamodb:*", "*", { "ForAllValues:StringEquals": keys }),
    );
    const client = new DynamoDBClient(role.config);
    const key = (id: string) => ({ id: { S: id } });
    const batch = (...ids: string[]) =>
      client.send(new BatchGetItemCommand({ RequestItems: { [table]: { Keys: ids.map(key) } } }));
    const query = (id: string) =>
      client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: "#id = :id",
          ExpressionAttributeNames: { "#id": "id" },
          ExpressionAttributeValues: { ":id": { S: id } },
        }),
      );
    const refused = { name: "AccessDeniedException" };
    await client.send(new GetItemCommand({ TableName: table, Key: key("own-1") }));
    await client.send(new PutItemCommand({ TableName: table, Item: key("own-2") }));
    await batch("own-1", "own-2");
    await query("own-1");
    await expect(
      client.send(new GetItemCommand({ TableName: table, Key: key("other") })),
    ).rejects.toMatchObject(refused);
    await expect(batch("own-1", "other")).rejects.toMatchObject(refused);
    await expect(query("other")).rejects.toMatchObject(refused);
    // As on AWS: where there is no key, ForAllValues holds, unless Null says that it must be there.
    await client.send(new ScanCommand({ TableName: table }));
    const strict = await roleWith(
      aws,
      allow("dynamodb:*", "*", {
        "ForAllValues:StringEquals": keys,
        Null: { "dynamodb:LeadingKeys": "false" },
      }),
    );
    await expect(
      new DynamoDBClient(strict.config).send(new ScanCommand({ TableName: table })),
    ).rejects.toMatchObject(refused);
  });

  test("ForAnyValue takes one value that fits, and none of a key that is not there", async () => {
    const kms = new KMSClient(aws.config);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const KeyId = KeyMetadata?.KeyId;
    const describe = async (operator: string) => {
      const aliases = { "kms:ResourceAliases": "alias/any-*" };
      const role = await roleWith(aws, allow("kms:*", "*", { [operator]: aliases }));
      await new KMSClient(role.config).send(new DescribeKeyCommand({ KeyId }));
    };
    await expect(describe("ForAnyValue:StringLike")).rejects.toThrow("kms:DescribeKey");
    await expect(describe("ForAnyValue:StringNotLike")).rejects.toThrow("kms:DescribeKey");
    await kms.send(new CreateAliasCommand({ AliasName: "alias/other", TargetKeyId: KeyId }));
    await expect(describe("ForAnyValue:StringLike")).rejects.toThrow("kms:DescribeKey");
    await kms.send(new CreateAliasCommand({ AliasName: "alias/any-1", TargetKeyId: KeyId }));
    await describe("ForAnyValue:StringLike");
    await describe("ForAnyValue:StringNotLike");
    await expect(describe("ForAllValues:StringLike")).rejects.toThrow("kms:DescribeKey");
  });
});
