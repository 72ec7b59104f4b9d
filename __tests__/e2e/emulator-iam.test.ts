import { CreateLogGroupCommand, CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import {
  BatchGetItemCommand,
  CreateTableCommand,
  DescribeLimitsCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteSecurityGroupCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import {
  CreateRepositoryCommand,
  DescribeRepositoriesCommand,
  ECRClient,
} from "@aws-sdk/client-ecr";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeregisterTaskDefinitionCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListServicesCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  IAMClient,
  ListRolesCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  KMSClient,
  ListAliasesCommand,
} from "@aws-sdk/client-kms";
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetBucketEncryptionCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
  type S3ClientConfig,
} from "@aws-sdk/client-s3";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientConfig, type LocalAws } from "../../local/emulator/aws";
import { startEmulator, type Emulator } from "../../local/emulator/emulator";
import { iamAccesses } from "../../local/emulator/control";
import {
  allow,
  allowAll,
  assumedRole,
  policyDocument,
  sessionConfig,
} from "./support/emulated-role";
import { rawCall } from "./support/raw-call";

jest.setTimeout(60_000);

const accountId = "000000000000";
const region = "eu-west-1";
const directory = mkdtempSync(join(tmpdir(), "emulator-iam-"));

let emulator: Emulator;
let aws: LocalAws;

beforeAll(async () => {
  const logFile = join(directory, "emulator.log");
  emulator = await startEmulator({ python: "python3", accountId, region, logFile });
  ({ aws } = emulator);
});

afterAll(async () => {
  await emulator.stop();
  rmSync(directory, { recursive: true });
});

let names = 0;
const uniqueName = (kind: string) => `${kind}-${++names}`;

const arn = (service: string, resource: string) =>
  `arn:aws:${service}:${service === "iam" ? "" : region}:${accountId}:${resource}`;

const roleWith = (...statements: object[]) => assumedRole(aws, { statements });

interface Tag {
  readonly Key: string;
  readonly Value: string;
}
const owned = [{ Key: "Platform", Value: "ours" }];
const foreign = [{ Key: "Platform", Value: "theirs" }];

test("what was asked, and what was decided, can be read", async () => {
  const role = await roleWith(allow("dynamodb:ListTables"));
  const dynamodb = new DynamoDBClient(role.config);
  await dynamodb.send(new ListTablesCommand({}));
  await dynamodb.send(new ListTablesCommand({}));
  await expect(s3(role.config).send(new ListBucketsCommand({}))).rejects.toThrow();
  expect(await asked(role)).toEqual([
    { principal: role.arn, action: "dynamodb:ListTables", resource: "*", allowed: true },
    { principal: role.arn, action: "s3:ListAllMyBuckets", resource: "*", allowed: false },
  ]);
  // Nobody needs a policy for it.
  expect(await asked({ arn: arn("iam", "root") })).toEqual([]);
});

describe("a call asks for its action on the resources that AWS defines, and for its tags", () => {
  test("EC2: a group and its VPC, a rule's group, everything for reading", async () => {
    const role = await roleWith(allowAll);
    const ec2 = new EC2Client(role.config);
    const vpc = await createVpc();
    const group = await createGroup(ec2, vpc, owned);
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: group,
        IpPermissions: [{ IpProtocol: "tcp", FromPort: 80, ToPort: 80, IpRanges: [anywhere] }],
        TagSpecifications: [{ ResourceType: "security-group-rule", Tags: owned }],
      }),
    );
    await ec2.send(new CreateTagsCommand({ Resources: [group], Tags: owned }));
    await ec2.send(new DescribeVpcsCommand({ VpcIds: [vpc] }));
    await ec2.send(new DeleteSecurityGroupCommand({ GroupId: group }));
    expect(await needs(role)).toEqual([
      `ec2:CreateSecurityGroup ${arn("ec2", "security-group/*")}`,
      `ec2:CreateSecurityGroup ${arn("ec2", `vpc/${vpc}`)}`,
      `ec2:CreateTags ${arn("ec2", "security-group/*")}`,
      `ec2:AuthorizeSecurityGroupIngress ${arn("ec2", `security-group/${group}`)}`,
      `ec2:AuthorizeSecurityGroupIngress ${arn("ec2", "security-group-rule/*")}`,
      `ec2:CreateTags ${arn("ec2", "security-group-rule/*")}`,
      `ec2:CreateTags ${arn("ec2", `security-group/${group}`)}`,
      "ec2:DescribeVpcs *",
      `ec2:DeleteSecurityGroup ${arn("ec2", `security-group/${group}`)}`,
    ]);
  });

  test("ECS: clusters, services, families of task definitions", async () => {
    const role = await roleWith(allowAll);
    const ecs = new ECSClient(role.config);
    const tags = [{ key: "Platform", value: "ours" }];
    await ecs.send(new CreateClusterCommand({ clusterName: "main", tags }));
    const taskDefinition = await registerTaskDefinition(ecs, "family");
    await ecs.send(
      new CreateServiceCommand({ cluster: "main", serviceName: "api", taskDefinition, tags }),
    );
    await ecs.send(new UpdateServiceCommand({ cluster: "main", service: "api", desiredCount: 1 }));
    const services = [arn("ecs", "service/main/api")];
    await ecs.send(new DescribeServicesCommand({ cluster: arn("ecs", "cluster/main"), services }));
    await ecs.send(new ListServicesCommand({ cluster: "main" }));
    await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
    await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
    expect(await needs(role)).toEqual([
      `ecs:CreateCluster ${arn("ecs", "cluster/main")}`,
      `ecs:TagResource ${arn("ecs", "cluster/main")}`,
      `ecs:RegisterTaskDefinition ${arn("ecs", "task-definition/family:*")}`,
      `ecs:CreateService ${arn("ecs", "service/main/api")}`,
      `ecs:TagResource ${arn("ecs", "service/main/api")}`,
      `ecs:UpdateService ${arn("ecs", "service/main/api")}`,
      `ecs:DescribeServices ${arn("ecs", "service/main/api")}`,
      "ecs:ListServices *",
      "ecs:DescribeTaskDefinition *",
      "ecs:DeregisterTaskDefinition *",
    ]);
  });

  test("Elastic Load Balancing: by name what is made, by ARN what there is", async () => {
    const role = await roleWith(allowAll);
    const elb = new ElasticLoadBalancingV2Client(role.config);
    const vpc = await createVpc();
    const { TargetGroups } = await elb.send(
      new CreateTargetGroupCommand({ Name: "tg", VpcId: vpc, ...http, Tags: owned }),
    );
    const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? "";
    const Subnets = await Promise.all(["a", "b"].map((zone, i) => createSubnet(vpc, zone, i)));
    const { LoadBalancers } = await elb.send(
      new CreateLoadBalancerCommand({ Name: "lb", Subnets, Tags: owned }),
    );
    const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn ?? "";
    const { Listeners } = await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn,
        ...http,
        DefaultActions: [{ Type: "forward", TargetGroupArn }],
        Tags: owned,
      }),
    );
    const ListenerArn = Listeners?.[0]?.ListenerArn ?? "";
    const Conditions = [{ Field: "path-pattern", Values: ["/a"] }];
    const { Rules } = await elb.send(
      new CreateRuleCommand({
        ListenerArn,
        Priority: 1,
        Conditions,
        Actions: [{ Type: "forward", TargetGroupArn }],
        Tags: owned,
      }),
    );
    const RuleArn = Rules?.[0]?.RuleArn ?? "";
    await elb.send(new ModifyRuleCommand({ RuleArn, Conditions }));
    await elb.send(new DescribeTagsCommand({ ResourceArns: [LoadBalancerArn] }));
    const service = "elasticloadbalancing";
    const children = LoadBalancerArn.replace(":loadbalancer/", ":listener/");
    expect(await needs(role)).toEqual([
      `${service}:CreateTargetGroup ${arn(service, "targetgroup/tg/*")}`,
      `${service}:AddTags ${arn(service, "targetgroup/tg/*")}`,
      `${service}:CreateLoadBalancer ${arn(service, "loadbalancer/app/lb/*")}`,
      `${service}:AddTags ${arn(service, "loadbalancer/app/lb/*")}`,
      `${service}:CreateListener ${LoadBalancerArn}`,
      `${service}:AddTags ${children}/*`,
      `${service}:CreateRule ${ListenerArn}`,
      `${service}:AddTags ${ListenerArn.replace(":listener/", ":listener-rule/")}/*`,
      `${service}:ModifyRule ${RuleArn}`,
      `${service}:DescribeTags *`,
    ]);
  });

  test("IAM: roles, policies and identity providers, by name", async () => {
    const role = await roleWith(allowAll);
    const iam = new IAMClient(role.config);
    const [RoleName, PolicyName] = [uniqueName("made"), uniqueName("policy")];
    await iam.send(
      new CreateRoleCommand({
        RoleName,
        Path: "/tasks/",
        AssumeRolePolicyDocument: policyDocument([]),
        Tags: owned,
      }),
    );
    await iam.send(new DeleteRoleCommand({ RoleName }));
    const PolicyDocument = policyDocument([allowAll]);
    await iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument, Tags: owned }));
    await iam.send(new CreateOpenIDConnectProviderCommand({ Url: "https://other.example/path" }));
    await iam.send(new ListRolesCommand({}));
    expect(await needs(role)).toEqual([
      `iam:CreateRole ${arn("iam", `role/tasks/${RoleName}`)}`,
      `iam:TagRole ${arn("iam", `role/tasks/${RoleName}`)}`,
      `iam:DeleteRole ${arn("iam", `role/tasks/${RoleName}`)}`,
      `iam:CreatePolicy ${arn("iam", `policy/${PolicyName}`)}`,
      `iam:TagPolicy ${arn("iam", `policy/${PolicyName}`)}`,
      `iam:CreateOpenIDConnectProvider ${arn("iam", "oidc-provider/other.example/path")}`,
      "iam:ListRoles *",
    ]);
  });

  test("KMS: keys, also by alias, and aliases themselves", async () => {
    const role = await roleWith(allowAll);
    const kms = new KMSClient(role.config);
    const { KeyMetadata } = await kms.send(
      new CreateKeyCommand({ Tags: [{ TagKey: "Platform", TagValue: "ours" }] }),
    );
    const key = KeyMetadata?.Arn ?? "";
    const AliasName = `alias/${uniqueName("key")}`;
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyMetadata?.KeyId }));
    await kms.send(new DescribeKeyCommand({ KeyId: AliasName }));
    await kms.send(new ListAliasesCommand({ KeyId: key }));
    expect(await needs(role)).toEqual([
      "kms:CreateKey *",
      `kms:TagResource ${arn("kms", "key/*")}`,
      `kms:CreateAlias ${arn("kms", AliasName)}`,
      `kms:CreateAlias ${key}`,
      `kms:DescribeKey ${key}`,
      "kms:ListAliases *",
    ]);
  });

  test("DynamoDB, ECR and CloudWatch Logs: tables, repositories and groups", async () => {
    const role = await roleWith(allowAll);
    const [table, repository, group] = [uniqueName("table"), uniqueName("repo"), "/ecs/tagged"];
    await new DynamoDBClient(role.config).send(tableOf(table, owned));
    const ecr = new ECRClient(role.config);
    await ecr.send(new CreateRepositoryCommand({ repositoryName: repository, tags: owned }));
    await ecr.send(new DescribeRepositoriesCommand({}));
    const logs = new CloudWatchLogsClient(role.config);
    const tags = { Platform: "ours" };
    await logs.send(new CreateLogGroupCommand({ logGroupName: group, tags }));
    expect(await needs(role)).toEqual([
      `dynamodb:CreateTable ${arn("dynamodb", `table/${table}`)}`,
      `dynamodb:TagResource ${arn("dynamodb", `table/${table}`)}`,
      `ecr:CreateRepository ${arn("ecr", `repository/${repository}`)}`,
      `ecr:TagResource ${arn("ecr", `repository/${repository}`)}`,
      `ecr:DescribeRepositories ${arn("ecr", "repository/*")}`,
      `logs:CreateLogGroup ${arn("logs", `log-group:${group}:log-stream:`)}`,
      `logs:TagResource ${arn("logs", `log-group:${group}`)}`,
    ]);
  });

  test("Application Auto Scaling: any scalable target before it is there, then that one", async () => {
    const role = await roleWith(allowAll);
    const cluster = uniqueName("cluster");
    await createService(cluster, "api");
    const target = {
      ServiceNamespace: "ecs",
      ResourceId: `service/${cluster}/api`,
      ScalableDimension: "ecs:service:DesiredCount",
      MinCapacity: 1,
      MaxCapacity: 2,
    };
    const scaler = await roleWith();
    const first = { ...target, RoleARN: scaler.arn, Tags: { Platform: "ours" } };
    const { ScalableTargetARN } = await autoscaling(role, "RegisterScalableTarget", first);
    await autoscaling(role, "RegisterScalableTarget", target);
    await autoscaling(role, "DescribeScalableTargets", { ServiceNamespace: "ecs" });
    const service = "application-autoscaling";
    expect(await needs(role)).toEqual([
      `${service}:RegisterScalableTarget ${arn(service, "scalable-target/*")}`,
      `${service}:TagResource ${arn(service, "scalable-target/*")}`,
      `iam:PassRole ${scaler.arn}`,
      `${service}:RegisterScalableTarget ${ScalableTargetARN ?? ""}`,
      `${service}:DescribeScalableTargets *`,
    ]);
  });

  test("S3: configurations by their own names, not as moto's CreateBucket and ListBucket", async () => {
    const role = await roleWith(allowAll);
    const client = s3(role.config);
    const Bucket = uniqueName("bucket");
    await client.send(new CreateBucketCommand({ Bucket }));
    await client.send(
      new PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: { BlockPublicAcls: true },
      }),
    );
    const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" as const } }];
    await client.send(
      new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }),
    );
    await client.send(new GetBucketEncryptionCommand({ Bucket }));
    expect(await needs(role)).toEqual(
      [
        "CreateBucket",
        "PutBucketPublicAccessBlock",
        "PutEncryptionConfiguration",
        "GetEncryptionConfiguration",
      ].map((action) => `s3:${action} arn:aws:s3:::${Bucket}`),
    );
  });

  test("an action that AWS allows on everything only is not allowed on less", async () => {
    const taskDefinition = await registerTaskDefinition(new ECSClient(clientConfig(aws)), "narrow");
    const command = new DescribeTaskDefinitionCommand({ taskDefinition });
    const action = "ecs:DescribeTaskDefinition";
    const narrow = await roleWith(allow(action, arn("ecs", "task-definition/*")));
    await expect(new ECSClient(narrow.config).send(command)).rejects.toThrow(
      `${action} on resource: *`,
    );
    const wide = await roleWith(allow(action));
    await new ECSClient(wide.config).send(command);
  });
});

describe("conditions", () => {
  test("on the tags that are given hold for what is made, and for their keys", async () => {
    const vpc = await createVpc();
    const role = await roleWith(
      allow(["ec2:CreateSecurityGroup", "ec2:CreateTags"], arn("ec2", "security-group/*"), {
        StringEquals: { "aws:RequestTag/Platform": "ours" },
        "ForAllValues:StringEquals": { "aws:TagKeys": ["Platform", "Name"] },
      }),
      allow("ec2:CreateSecurityGroup", arn("ec2", "vpc/*")),
    );
    const ec2 = new EC2Client(role.config);
    await createGroup(ec2, vpc, owned);
    await createGroup(ec2, vpc, [...owned, { Key: "Name", Value: "x" }]);
    const refused = { name: "UnauthorizedOperation" };
    await expect(createGroup(ec2, vpc, foreign)).rejects.toMatchObject(refused);
    await expect(createGroup(ec2, vpc, [])).rejects.toMatchObject(refused);
    const more = [...owned, { Key: "Owner", Value: "x" }];
    await expect(createGroup(ec2, vpc, more)).rejects.toMatchObject(refused);
  });

  test("on the action that gives the tags leave those of existing things alone", async () => {
    const vpc = await createVpc();
    const role = await roleWith(
      allow("ec2:CreateSecurityGroup"),
      allow("ec2:CreateTags", "*", {
        StringEquals: { "ec2:CreateAction": "CreateSecurityGroup" },
      }),
    );
    const ec2 = new EC2Client(role.config);
    const group = await createGroup(ec2, vpc, foreign);
    await expect(
      ec2.send(new CreateTagsCommand({ Resources: [group], Tags: owned })),
    ).rejects.toThrow("ec2:CreateTags");
  });

  test("on the tags that a resource has tell ours from theirs, in each service", async () => {
    const tagged = { StringEquals: { "aws:ResourceTag/Platform": "ours" } };
    const role = await roleWith(allow("*", "*", tagged));
    const root = clientConfig(aws);
    const vpc = await createVpc();
    const elb = new ElasticLoadBalancingV2Client(root);
    const kms = new KMSClient(root);
    const ecs = new ECSClient(root);
    const make = async (tags: Tag[]) => {
      const value = tags[0]?.Value ?? "";
      const GroupId = await createGroup(new EC2Client(root), vpc, tags);
      const group = { Name: uniqueName("tg"), VpcId: vpc, ...http, Tags: tags };
      const { TargetGroups } = await elb.send(new CreateTargetGroupCommand(group));
      const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn;
      const { KeyMetadata } = await kms.send(
        new CreateKeyCommand({ Tags: [{ TagKey: "Platform", TagValue: value }] }),
      );
      const cluster = uniqueName("cluster");
      await createService(cluster, "api", ecs, [{ key: "Platform", value }]);
      return { GroupId, TargetGroupArn, KeyId: KeyMetadata?.KeyId, cluster };
    };
    const use = ({ GroupId, TargetGroupArn, KeyId, cluster }: Awaited<ReturnType<typeof make>>) => [
      () => new EC2Client(role.config).send(new DeleteSecurityGroupCommand({ GroupId })),
      () =>
        new ElasticLoadBalancingV2Client(role.config).send(
          new DeleteTargetGroupCommand({ TargetGroupArn }),
        ),
      () => new KMSClient(role.config).send(new DescribeKeyCommand({ KeyId })),
      () =>
        new ECSClient(role.config).send(
          new UpdateServiceCommand({ cluster, service: "api", desiredCount: 0 }),
        ),
    ];
    for (const call of use(await make(owned))) await call();
    for (const call of use(await make(foreign))) {
      await expect(call()).rejects.toThrow("no identity-based policy allows");
    }
  });

  test("on the cluster and the VPC that something is in", async () => {
    const [inside, outside] = [uniqueName("cluster"), uniqueName("cluster")];
    for (const cluster of [inside, outside]) await createService(cluster, "api");
    const vpcs = [await createVpc(), await createVpc()] as const;
    const groups = await Promise.all(
      vpcs.map((vpc) => createGroup(new EC2Client(clientConfig(aws)), vpc, [])),
    );
    const role = await roleWith(
      allow("ecs:*", "*", { ArnEquals: { "ecs:cluster": arn("ecs", `cluster/${inside}`) } }),
      allow("ec2:*", "*", { ArnEquals: { "ec2:Vpc": arn("ec2", `vpc/${vpcs[0]}`) } }),
    );
    const update = (cluster: string) =>
      new ECSClient(role.config).send(new UpdateServiceCommand({ cluster, service: "api" }));
    await update(inside);
    await expect(update(outside)).rejects.toThrow("ecs:UpdateService");
    const remove = (GroupId?: string) =>
      new EC2Client(role.config).send(new DeleteSecurityGroupCommand({ GroupId }));
    await remove(groups[0]);
    await expect(remove(groups[1])).rejects.toThrow("ec2:DeleteSecurityGroup");
  });

  test("on partition keys hold for every key of the call", async () => {
    const table = uniqueName("table");
    await new DynamoDBClient(clientConfig(aws)).send(tableOf(table));
    const keys = { "dynamodb:LeadingKeys": ["own-1", "own-2"] };
    const role = await roleWith(allow("dynamodb:*", "*", { "ForAllValues:StringEquals": keys }));
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
    const kms = new KMSClient(clientConfig(aws));
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const KeyId = KeyMetadata?.KeyId;
    const describe = async (operator: string) => {
      const aliases = { "kms:ResourceAliases": "alias/any-*" };
      const role = await roleWith(allow("kms:*", "*", { [operator]: aliases }));
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

describe("a role can be passed on", () => {
  test("to a service of ECS and to autoscaling only by whom iam:PassRole allows it", async () => {
    const { arn: passed } = await roleWith();
    const cluster = uniqueName("cluster");
    const taskDefinition = await createService(cluster, "first");
    const create = (role: { config: object }, serviceName: string) =>
      new ECSClient(role.config).send(
        new CreateServiceCommand({ cluster, serviceName, taskDefinition, role: passed }),
      );
    const scale = (role: { config: ReturnType<typeof sessionConfig> }) =>
      autoscaling(role, "RegisterScalableTarget", {
        ServiceNamespace: "ecs",
        ResourceId: `service/${cluster}/first`,
        ScalableDimension: "ecs:service:DesiredCount",
        MinCapacity: 1,
        MaxCapacity: 2,
        RoleARN: passed,
      });
    const calls = allow(["ecs:*", "application-autoscaling:*"]);
    const without = await roleWith(calls);
    await expect(create(without, "second")).rejects.toThrow(`iam:PassRole on resource: ${passed}`);
    await expect(scale(without)).rejects.toThrow(`iam:PassRole on resource: ${passed}`);
    const service = await roleWith(
      calls,
      allow("iam:PassRole", passed, {
        StringEquals: { "iam:PassedToService": "ecs.amazonaws.com" },
      }),
    );
    await create(service, "second");
    await expect(scale(service)).rejects.toThrow("iam:PassRole");
  });
});

describe("a permissions boundary", () => {
  const tables = allow("dynamodb:*");

  test("allows nothing by itself, and what it does not allow nobody else does", async () => {
    const boundary = await createPolicy(tables);
    const bounded = await assumedRole(aws, { statements: [allowAll], boundary });
    await new DynamoDBClient(bounded.config).send(new ListTablesCommand({}));
    await expect(new EC2Client(bounded.config).send(new DescribeVpcsCommand({}))).rejects.toThrow(
      "ec2:DescribeVpcs on resource: * because no permissions boundary allows the ec2:DescribeVpcs action",
    );
    await expect(s3(bounded.config).send(new ListBucketsCommand({}))).rejects.toThrow(
      "because no permissions boundary allows the s3:ListAllMyBuckets action",
    );
    const unallowed = await assumedRole(aws, { boundary });
    await expect(
      new DynamoDBClient(unallowed.config).send(new ListTablesCommand({})),
    ).rejects.toThrow("because no identity-based policy allows the dynamodb:ListTables action");
  });

  test("denies for good", async () => {
    const deny = { ...allow("dynamodb:ListTables"), Effect: "Deny" };
    const boundary = await createPolicy(tables, deny);
    const { config } = await assumedRole(aws, { statements: [allowAll], boundary });
    await new DynamoDBClient(config).send(new DescribeLimitsCommand({}));
    await expect(new DynamoDBClient(config).send(new ListTablesCommand({}))).rejects.toThrow(
      "dynamodb:ListTables on resource: * with an explicit deny in a permissions boundary",
    );
  });

  test("is the policy's default version", async () => {
    const boundary = await createPolicy(tables);
    const { config } = await assumedRole(aws, { statements: [allowAll], boundary });
    await new DynamoDBClient(config).send(new ListTablesCommand({}));
    const newVersion = {
      PolicyArn: boundary,
      PolicyDocument: policyDocument([allow("s3:*")]),
      SetAsDefault: true,
    };
    await new IAMClient(clientConfig(aws)).send(new CreatePolicyVersionCommand(newVersion));
    await expect(new DynamoDBClient(config).send(new ListTablesCommand({}))).rejects.toThrow(
      "no permissions boundary",
    );
  });

  test("must exist", async () => {
    const boundary = arn("iam", "policy/none");
    await expect(assumedRole(aws, { boundary })).rejects.toMatchObject({
      name: "NoSuchEntityException",
      message: `Scope ARN: ${boundary} does not exist or is not attachable.`,
    });
  });

  test("can be demanded of whoever makes a role, or changes one", async () => {
    const [boundary, other] = [await createPolicy(tables), await createPolicy(allowAll)];
    const role = await roleWith(
      allow(["iam:CreateRole", "iam:PutRolePolicy"], "*", {
        StringEquals: { "iam:PermissionsBoundary": boundary },
      }),
    );
    const iam = new IAMClient(role.config);
    const create = async (PermissionsBoundary?: string) => {
      const RoleName = uniqueName("made");
      const AssumeRolePolicyDocument = policyDocument([]);
      const made = { RoleName, AssumeRolePolicyDocument, PermissionsBoundary };
      await iam.send(new CreateRoleCommand(made));
      return RoleName;
    };
    const change = (RoleName: string) =>
      iam.send(
        new PutRolePolicyCommand({
          RoleName,
          PolicyName: "inline",
          PolicyDocument: policyDocument([allowAll]),
        }),
      );
    await change(await create(boundary));
    await expect(create(other)).rejects.toThrow("iam:CreateRole");
    await expect(create()).rejects.toThrow("iam:CreateRole");
    await expect(change((await roleWith()).name)).rejects.toThrow("iam:PutRolePolicy");
  });
});

describe("an object that is encrypted with a key", () => {
  const objects = allow(["s3:PutObject", "s3:GetObject"]);

  test("is written and read by who may use the key", async () => {
    const { Bucket, key, alias } = await createEncryptedBucket();
    const object = { Bucket, Key: "state" };
    const owner = await roleWith(
      objects,
      allow(["kms:GenerateDataKey", "kms:Decrypt"], arn("kms", "key/*"), {
        StringEquals: { "kms:ViaService": `s3.${region}.amazonaws.com` },
        "ForAnyValue:StringEquals": { "kms:ResourceAliases": alias },
      }),
    );
    const other = await roleWith(objects);
    const put = new PutObjectCommand({ ...object, Body: "{}" });
    await expect(s3(other.config).send(put)).rejects.toThrow(
      `kms:GenerateDataKey on resource: ${key} because no identity-based policy allows`,
    );
    await s3(owner.config).send(put);
    await s3(owner.config).send(
      new PutObjectCommand({
        ...object,
        Body: "{}",
        ServerSideEncryption: "aws:kms",
        SSEKMSKeyId: arn("kms", alias),
      }),
    );
    await s3(owner.config).send(new GetObjectCommand(object));
    await s3(other.config).send(new HeadObjectCommand(object));
    await expect(s3(other.config).send(new GetObjectCommand(object))).rejects.toThrow(
      `kms:Decrypt on resource: ${key}`,
    );
    // Not through S3.
    const Ciphertext = { KeyId: key, CiphertextBlob: Buffer.from("x") };
    await expect(
      new KMSClient(owner.config).send(new DecryptCommand(Ciphertext)),
    ).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  test("needs no right to a key if it is encrypted with S3's own", async () => {
    const { Bucket } = await createEncryptedBucket();
    const client = s3((await roleWith(objects)).config);
    const object = { Bucket, Key: "state" };
    await client.send(
      new PutObjectCommand({ ...object, Body: "{}", ServerSideEncryption: "AES256" }),
    );
    await client.send(new GetObjectCommand(object));
  });

  async function createEncryptedBucket() {
    const Bucket = uniqueName("bucket");
    const alias = `alias/${Bucket}`;
    const kms = new KMSClient(clientConfig(aws));
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const key = KeyMetadata?.Arn ?? "";
    await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: key }));
    const client = s3(clientConfig(aws));
    await client.send(new CreateBucketCommand({ Bucket }));
    const byDefault = { SSEAlgorithm: "aws:kms" as const, KMSMasterKeyID: key };
    const Rules = [{ ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled: true }];
    await client.send(
      new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }),
    );
    return { Bucket, key, alias };
  }
});

describe("a bucket", () => {
  test("is listed where the prefix is allowed", async () => {
    const Bucket = await createBucket();
    const prefixes = { StringLike: { "s3:prefix": "dev/*" } };
    const { config } = await roleWith(allow("s3:ListBucket", `arn:aws:s3:::${Bucket}`, prefixes));
    const list = (Prefix?: string) => s3(config).send(new ListObjectsV2Command({ Bucket, Prefix }));
    await list("dev/a");
    await expect(list("prod/a")).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(list()).rejects.toMatchObject({ name: "AccessDenied" });
  });

  test("says that an object is missing only to who may list it", async () => {
    const Bucket = await createBucket();
    const get = async (...statements: object[]) =>
      s3((await roleWith(...statements)).config).send(new GetObjectCommand({ Bucket, Key: "no" }));
    await expect(get(allow("s3:GetObject"))).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(get(allow(["s3:GetObject", "s3:ListBucket"]))).rejects.toMatchObject({
      name: "NoSuchKey",
    });
  });

  test("loses many objects at once as if each were deleted alone", async () => {
    const Bucket = await createBucket();
    const { config } = await roleWith(allow("s3:DeleteObject", `arn:aws:s3:::${Bucket}/dev/*`));
    const Objects = [{ Key: "dev/a" }, { Key: "prod/a" }];
    const command = new DeleteObjectsCommand({ Bucket, Delete: { Objects } });
    expect(await s3(config).send(command)).toMatchObject({
      Deleted: [{ Key: "dev/a" }],
      Errors: [{ Key: "prod/a", Code: "AccessDenied" }],
    });
  });

  async function createBucket() {
    const Bucket = uniqueName("bucket");
    await s3(clientConfig(aws)).send(new CreateBucketCommand({ Bucket }));
    return Bucket;
  }
});

const anywhere = { CidrIp: "0.0.0.0/0" };
const http = { Protocol: "HTTP", Port: 80 } as const;

const s3 = (config: S3ClientConfig) => new S3Client({ ...config, forcePathStyle: true });

async function asked({ arn }: { arn: string }) {
  return (await iamAccesses(aws)).filter(({ principal }) => principal === arn);
}

/** What a role's calls asked for, as `<action> <resource>`. */
async function needs(role: { arn: string }) {
  return (await asked(role)).map(({ action, resource }) => `${action} ${resource}`);
}

async function createVpc() {
  const { Vpc } = await new EC2Client(clientConfig(aws)).send(
    new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }),
  );
  return Vpc?.VpcId ?? "";
}

async function createSubnet(vpc: string, zone: string, index: number) {
  const { Subnet } = await new EC2Client(clientConfig(aws)).send(
    new CreateSubnetCommand({
      VpcId: vpc,
      AvailabilityZone: region + zone,
      CidrBlock: `10.0.${index}.0/24`,
    }),
  );
  return Subnet?.SubnetId ?? "";
}

async function createGroup(ec2: EC2Client, vpc: string, Tags: Tag[]) {
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({
      GroupName: uniqueName("group"),
      Description: "of a test",
      VpcId: vpc,
      TagSpecifications: Tags.length > 0 ? [{ ResourceType: "security-group", Tags }] : undefined,
    }),
  );
  return GroupId ?? "";
}

async function registerTaskDefinition(ecs: ECSClient, family: string) {
  const { taskDefinition } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family,
      containerDefinitions: [{ name: "app", image: "app:1", memory: 128 }],
    }),
  );
  return taskDefinition?.taskDefinitionArn ?? "";
}

/** In a new cluster. Gives its task definition. */
async function createService(
  cluster: string,
  serviceName: string,
  ecs = new ECSClient(clientConfig(aws)),
  tags: { key: string; value: string }[] = [],
) {
  await ecs.send(new CreateClusterCommand({ clusterName: cluster }));
  const taskDefinition = await registerTaskDefinition(ecs, serviceName);
  await ecs.send(new CreateServiceCommand({ cluster, serviceName, taskDefinition, tags }));
  return taskDefinition;
}

async function createPolicy(...statements: object[]) {
  const { Policy } = await new IAMClient(clientConfig(aws)).send(
    new CreatePolicyCommand({
      PolicyName: uniqueName("policy"),
      PolicyDocument: policyDocument(statements),
    }),
  );
  return Policy?.Arn ?? "";
}

function tableOf(TableName: string, Tags?: Tag[]) {
  return new CreateTableCommand({
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    Tags,
  });
}

/** Calls Application Auto Scaling, for which the project has no client. */
async function autoscaling(
  { config }: { config: ReturnType<typeof sessionConfig> },
  action: string,
  parameters: object,
): Promise<{ ScalableTargetARN?: string }> {
  const { credentials } = config;
  const target = `AnyScaleFrontendService.${action}`;
  return rawCall({ ...aws, credentials }, "application-autoscaling", target, parameters);
}
