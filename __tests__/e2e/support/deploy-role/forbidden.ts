import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import {
  BatchGetImageCommand,
  CreateRepositoryCommand,
  ECRClient,
  PutImageCommand,
  PutImageScanningConfigurationCommand,
  PutImageTagMutabilityCommand,
} from "@aws-sdk/client-ecr";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeleteServiceCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import {
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  AttachRolePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateServiceLinkedRoleCommand,
  CreateUserCommand,
  DeletePolicyCommand,
  DeleteRolePermissionsBoundaryCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  CreateKeyCommand,
  EncryptCommand,
  KMSClient,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-kms";
import {
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { LOCAL_ACCOUNT } from "../../../../environments/local";
import { clientConfig, type LocalAws } from "../../../../local/emulator/aws";
import { BOUNDARY, DEPLOY_ROLE, LOCK_TABLE, STATE_BUCKET } from "./names";
import { rawCall } from "../raw-call";

/** Resources in the account that do not belong to the platform. */
export interface Others {
  readonly vpcId: string;
  readonly subnetId: string;
  /** A group of the Day-0 network. It has no tag of the platform. */
  readonly endpointSecurityGroupId: string;
  /** A group with the tags of another environment. */
  readonly securityGroupId: string;
  readonly publicSubnetId: string;
  /** A key of another environment. */
  readonly keyId: string;
  /** A key and a scalable target without tags. */
  readonly untaggedKeyId: string;
  readonly untaggedTargetArn: string;
  /** The key of the platform's own states. */
  readonly stateKeyId: string;
}

/** @param who the clients with the credentials of the attempt */
type Attempt = (who: Clients, others: Others) => Promise<unknown>;

export type Clients = ReturnType<typeof clientsOf>;

export function clientsOf(aws: LocalAws) {
  const config = clientConfig(aws);
  return {
    aws,
    dynamodb: new DynamoDBClient(config),
    ec2: new EC2Client(config),
    ecr: new ECRClient(config),
    ecs: new ECSClient(config),
    elb: new ElasticLoadBalancingV2Client(config),
    iam: new IAMClient(config),
    kms: new KMSClient(config),
    logs: new CloudWatchLogsClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
    secrets: new SecretsManagerClient(config),
  };
}

/**
 * Attempts that the deploy role may not make on resources of others: a description, the action that
 * is denied, and the attempt.
 */
export const OF_OTHERS: readonly (readonly [string, string, Attempt])[] = [
  ...["inventory-prod", "inventory-dev2", "shop-dev"].flatMap(ofAnotherName),
  [
    "the rows of another environment's states in the lock table",
    "dynamodb:PutItem",
    ({ dynamodb }) => dynamodb.send(new PutItemCommand({ ...lockRow("prod") })),
  ],
  [
    "the digests of another environment's states",
    "dynamodb:GetItem",
    ({ dynamodb }) =>
      dynamodb.send(new GetItemCommand({ TableName: LOCK_TABLE, Key: lockRow("prod").Item })),
  ],
  [
    "another environment's objects in its own bucket",
    "s3:GetObject",
    ({ s3 }) =>
      s3.send(new GetObjectCommand({ Bucket: STATE_BUCKET, Key: "prod/ecr/terraform.tfstate" })),
  ],
  [
    "its own items",
    "dynamodb:GetItem",
    ({ dynamodb }) =>
      dynamodb.send(
        new GetItemCommand({ TableName: "inventory-dev-items", Key: { id: { S: "1" } } }),
      ),
  ],
  [
    "the values of its own secrets",
    "secretsmanager:GetSecretValue",
    ({ secrets }) => secrets.send(new GetSecretValueCommand({ SecretId: "inventory-dev-token" })),
  ],
  [
    "images of an environment that it does not promote from",
    "ecr:BatchGetImage",
    ({ ecr }) =>
      ecr.send(
        new BatchGetImageCommand({
          repositoryName: "inventory-prod",
          imageIds: [{ imageTag: "a".repeat(40) }],
        }),
      ),
  ],
  [
    "images pushed where it promotes from",
    "ecr:PutImage",
    ({ ecr }) =>
      ecr.send(new PutImageCommand({ repositoryName: "inventory-sandbox", imageManifest: "{}" })),
  ],
  [
    "a security group that is tagged as another's",
    "ec2:CreateSecurityGroup",
    ({ ec2 }, { vpcId }) =>
      ec2.send(
        new CreateSecurityGroupCommand({
          GroupName: "other",
          Description: "other",
          VpcId: vpcId,
          TagSpecifications: [{ ResourceType: "security-group", Tags: tags("prod") }],
        }),
      ),
  ],
  [
    "a security group without tags",
    "ec2:CreateSecurityGroup",
    ({ ec2 }, { vpcId }) =>
      ec2.send(
        new CreateSecurityGroupCommand({ GroupName: "other", Description: "other", VpcId: vpcId }),
      ),
  ],
  [
    "a way into another's security group",
    "ec2:AuthorizeSecurityGroupIngress",
    ({ ec2 }, { securityGroupId }) =>
      ec2.send(new AuthorizeSecurityGroupIngressCommand(anyoneInto(securityGroupId))),
  ],
  [
    "a way into the Day-0 network's endpoints",
    "ec2:AuthorizeSecurityGroupIngress",
    ({ ec2 }, { endpointSecurityGroupId }) =>
      ec2.send(
        new AuthorizeSecurityGroupIngressCommand({
          ...anyoneInto(endpointSecurityGroupId),
          TagSpecifications: [{ ResourceType: "security-group-rule", Tags: tags("dev") }],
        }),
      ),
  ],
  [
    "another's security group, deleted",
    "ec2:DeleteSecurityGroup",
    ({ ec2 }, { securityGroupId }) =>
      ec2.send(new DeleteSecurityGroupCommand({ GroupId: securityGroupId })),
  ],
  [
    "another's security group, tagged as its own",
    "ec2:CreateTags",
    ({ ec2 }, { securityGroupId }) =>
      ec2.send(new CreateTagsCommand({ Resources: [securityGroupId], Tags: tags("dev") })),
  ],
  [
    "the Day-0 network",
    "ec2:DeleteSubnet",
    ({ ec2 }, { subnetId }) => ec2.send(new DeleteSubnetCommand({ SubnetId: subnetId })),
  ],
  [
    "a key that is not tagged as its own",
    "kms:CreateKey",
    ({ kms }) => kms.send(new CreateKeyCommand({ Description: "other" })),
  ],
  [
    "another's key, tagged as its own",
    "kms:TagResource",
    ({ kms }, { keyId }) =>
      kms.send(
        new TagResourceCommand({
          KeyId: keyId,
          Tags: tags("dev").map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value })),
        }),
      ),
  ],
  [
    "an untagged key, tagged as its own",
    "kms:TagResource",
    ({ kms }, { untaggedKeyId }) =>
      kms.send(
        new TagResourceCommand({
          KeyId: untaggedKeyId,
          Tags: tags("dev").map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value })),
        }),
      ),
  ],
  [
    "an untagged scalable target, tagged as its own",
    "application-autoscaling:TagResource",
    ({ aws }, { untaggedTargetArn }) =>
      rawCall(aws, "application-autoscaling", "AnyScaleFrontendService.TagResource", {
        ResourceARN: untaggedTargetArn,
        Tags: { Platform: "inventory", Environment: "dev" },
      }),
  ],
  [
    "the scaling of another's service",
    "application-autoscaling:RegisterScalableTarget",
    ({ aws }) =>
      rawCall(aws, "application-autoscaling", "AnyScaleFrontendService.RegisterScalableTarget", {
        ...scalable("inventory-prod"),
        Tags: { Platform: "inventory", Environment: "prod" },
      }),
  ],
];

/** Resources with the name of another platform or environment. */
function ofAnotherName(name: string): (readonly [string, string, Attempt])[] {
  const bucket = `${name}-terraform-state-${LOCAL_ACCOUNT}`;
  const state = "dev/ecr/terraform.tfstate";
  const attempts: readonly (readonly [string, string, Attempt])[] = [
    [
      "cluster",
      "ecs:CreateCluster",
      ({ ecs }) => ecs.send(new CreateClusterCommand({ clusterName: name })),
    ],
    [
      "service",
      "ecs:DeleteService",
      ({ ecs }) => ecs.send(new DeleteServiceCommand({ cluster: name, service: name })),
    ],
    ["tasks", "ecs:ListTasks", ({ ecs }) => ecs.send(new ListTasksCommand({ cluster: name }))],
    [
      "repository",
      "ecr:CreateRepository",
      ({ ecr }) => ecr.send(new CreateRepositoryCommand({ repositoryName: name })),
    ],
    [
      "images",
      "ecr:PutImage",
      ({ ecr }) => ecr.send(new PutImageCommand({ repositoryName: name, imageManifest: "{}" })),
    ],
    [
      "table",
      "dynamodb:CreateTable",
      ({ dynamodb }) =>
        dynamodb.send(
          new CreateTableCommand({
            TableName: `${name}-items`,
            BillingMode: "PAY_PER_REQUEST",
            AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
            KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
          }),
        ),
    ],
    [
      "lock table",
      "dynamodb:DeleteItem",
      ({ dynamodb }) =>
        dynamodb.send(
          new DeleteItemCommand({
            TableName: `${name}-terraform-locks`,
            Key: { LockID: { S: `${bucket}/${state}` } },
          }),
        ),
    ],
    [
      "role",
      "iam:CreateRole",
      ({ iam }) =>
        iam.send(
          new CreateRoleCommand({ ...taskRole(`${name}-task`), PermissionsBoundary: BOUNDARY }),
        ),
    ],
    [
      "log group",
      "logs:CreateLogGroup",
      ({ logs }) => logs.send(new CreateLogGroupCommand({ logGroupName: `/ecs/${name}` })),
    ],
    [
      "load balancer",
      "elasticloadbalancing:CreateLoadBalancer",
      ({ elb }) => elb.send(new CreateLoadBalancerCommand({ Name: name })),
    ],
    [
      "target group",
      "elasticloadbalancing:CreateTargetGroup",
      ({ elb }, { vpcId }) =>
        elb.send(
          new CreateTargetGroupCommand({
            Name: `${name}-8080`,
            Protocol: "HTTP",
            Port: 8080,
            VpcId: vpcId,
          }),
        ),
    ],
    [
      "state, to read",
      "s3:GetObject",
      ({ s3 }) => s3.send(new GetObjectCommand({ Bucket: bucket, Key: state })),
    ],
    [
      "state, to write",
      "s3:PutObject",
      ({ s3 }) => s3.send(new PutObjectCommand({ Bucket: bucket, Key: state })),
    ],
  ];
  return attempts.map(([thing, action, attempt]) => [`${name}'s ${thing}`, action, attempt]);
}

const networkOf = (subnet: string, assignPublicIp: "ENABLED" | "DISABLED") => ({
  awsvpcConfiguration: { subnets: [subnet], assignPublicIp },
});

const service = { cluster: "inventory-dev", serviceName: "inventory-dev-more" };

/**
 * Attempts with which the deploy role would gain permissions, or remove what protects the platform.
 */
export const TO_BE_MORE: readonly (readonly [string, string, Attempt])[] = [
  [
    "a service in a public subnet",
    "ecs:CreateService",
    ({ ecs }, { publicSubnetId }) =>
      ecs.send(
        new CreateServiceCommand({
          ...service,
          networkConfiguration: networkOf(publicSubnetId, "DISABLED"),
        }),
      ),
  ],
  [
    "a service with public addresses",
    "ecs:CreateService",
    ({ ecs }, { subnetId }) =>
      ecs.send(
        new CreateServiceCommand({
          ...service,
          networkConfiguration: networkOf(subnetId, "ENABLED"),
        }),
      ),
  ],
  [
    "a service whose subnets are not said",
    "ecs:CreateService",
    ({ ecs }) => ecs.send(new CreateServiceCommand(service)),
  ],
  [
    "its own service, moved to a public subnet",
    "ecs:UpdateService",
    ({ ecs }, { publicSubnetId }) =>
      ecs.send(
        new UpdateServiceCommand({
          cluster: "inventory-dev",
          service: "inventory-dev",
          networkConfiguration: networkOf(publicSubnetId, "DISABLED"),
        }),
      ),
  ],
  [
    "tags of images that move",
    "ecr:PutImageTagMutability",
    ({ ecr }) =>
      ecr.send(
        new PutImageTagMutabilityCommand({
          repositoryName: "inventory-dev",
          imageTagMutability: "MUTABLE",
        }),
      ),
  ],
  [
    "images without a scan",
    "ecr:PutImageScanningConfiguration",
    ({ ecr }) =>
      ecr.send(
        new PutImageScanningConfigurationCommand({
          repositoryName: "inventory-dev",
          imageScanningConfiguration: { scanOnPush: false },
        }),
      ),
  ],
  [
    "the state bucket without versions",
    "s3:PutBucketVersioning",
    ({ s3 }) =>
      s3.send(
        new PutBucketVersioningCommand({
          Bucket: STATE_BUCKET,
          VersioningConfiguration: { Status: "Suspended" },
        }),
      ),
  ],
  [
    "another key under the states' alias",
    "kms:UpdateAlias",
    ({ kms }, { untaggedKeyId }) =>
      kms.send(
        new UpdateAliasCommand({
          AliasName: "alias/inventory-dev-terraform-state",
          TargetKeyId: untaggedKeyId,
        }),
      ),
  ],
  [
    "the lock table without deletion protection",
    "dynamodb:UpdateTable",
    ({ dynamodb }) =>
      dynamodb.send(
        new UpdateTableCommand({ TableName: LOCK_TABLE, DeletionProtectionEnabled: false }),
      ),
  ],
  ...[DEPLOY_ROLE, "github-inventory-dev", "inventory-dev-admin"].map(
    (RoleName): readonly [string, string, Attempt] => [
      `a policy for ${RoleName}`,
      "iam:PutRolePolicy",
      ({ iam }) =>
        iam.send(
          new PutRolePolicyCommand({ RoleName, PolicyName: "all", PolicyDocument: EVERYTHING }),
        ),
    ],
  ),
  [
    "who may assume it",
    "iam:UpdateAssumeRolePolicy",
    ({ iam }) =>
      iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: DEPLOY_ROLE, PolicyDocument: TRUST })),
  ],
  [
    "a role of a task without the boundary",
    "iam:CreateRole",
    ({ iam }) => iam.send(new CreateRoleCommand(taskRole("inventory-dev-more-task"))),
  ],
  [
    "a role of a task with another boundary",
    "iam:CreateRole",
    ({ iam }) =>
      iam.send(
        new CreateRoleCommand({
          ...taskRole("inventory-dev-more-task"),
          PermissionsBoundary: ADMINISTRATOR,
        }),
      ),
  ],
  [
    "a task's role of another name",
    "iam:CreateRole",
    ({ iam }) =>
      iam.send(
        new CreateRoleCommand({ ...taskRole("inventory-dev-more"), PermissionsBoundary: BOUNDARY }),
      ),
  ],
  [
    "the boundary taken off",
    "iam:DeleteRolePermissionsBoundary",
    ({ iam }) =>
      iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: "inventory-dev-task" })),
  ],
  [
    "the boundary exchanged",
    "iam:PutRolePermissionsBoundary",
    ({ iam }) =>
      iam.send(
        new PutRolePermissionsBoundaryCommand({
          RoleName: "inventory-dev-task",
          PermissionsBoundary: ADMINISTRATOR,
        }),
      ),
  ],
  [
    "the boundary widened",
    "iam:CreatePolicyVersion",
    ({ iam }) =>
      iam.send(
        new CreatePolicyVersionCommand({
          PolicyArn: BOUNDARY,
          PolicyDocument: EVERYTHING,
          SetAsDefault: true,
        }),
      ),
  ],
  [
    "the boundary deleted",
    "iam:DeletePolicy",
    ({ iam }) => iam.send(new DeletePolicyCommand({ PolicyArn: BOUNDARY })),
  ],
  [
    "a managed policy for a task",
    "iam:AttachRolePolicy",
    ({ iam }) =>
      iam.send(
        new AttachRolePolicyCommand({ RoleName: "inventory-dev-task", PolicyArn: ADMINISTRATOR }),
      ),
  ],
  ["a user", "iam:CreateUser", ({ iam }) => iam.send(new CreateUserCommand({ UserName: "more" }))],
  [
    "the role of a service that it does not use",
    "iam:CreateServiceLinkedRole",
    ({ iam }) =>
      iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: "spot.amazonaws.com" })),
  ],
  ...[DEPLOY_ROLE, "inventory-prod-task"].map((role): readonly [string, string, Attempt] => [
    `${role}, passed to tasks`,
    "iam:PassRole",
    ({ ecs }) =>
      ecs.send(
        new RegisterTaskDefinitionCommand({
          family: "inventory-dev",
          taskRoleArn: `arn:aws:iam::${LOCAL_ACCOUNT}:role/${role}`,
          containerDefinitions: [],
        }),
      ),
  ]),
  [
    "a role of a task, passed to another service",
    "iam:PassRole",
    ({ aws }) =>
      rawCall(aws, "application-autoscaling", "AnyScaleFrontendService.RegisterScalableTarget", {
        ...scalable("inventory-dev"),
        RoleARN: `arn:aws:iam::${LOCAL_ACCOUNT}:role/inventory-dev-task`,
      }),
  ],
  [
    "a state, deleted",
    "s3:DeleteObject",
    ({ s3 }) =>
      s3.send(new DeleteObjectCommand({ Bucket: STATE_BUCKET, Key: "dev/ecr/terraform.tfstate" })),
  ],
  [
    "a version of a state, deleted",
    "s3:DeleteObjectVersion",
    ({ s3 }) =>
      s3.send(
        new DeleteObjectCommand({
          Bucket: STATE_BUCKET,
          Key: "dev/ecr/terraform.tfstate",
          VersionId: "1",
        }),
      ),
  ],
  [
    "the state bucket, deleted",
    "s3:DeleteBucket",
    ({ s3 }) => s3.send(new DeleteBucketCommand({ Bucket: STATE_BUCKET })),
  ],
  [
    "the lock table, deleted",
    "dynamodb:DeleteTable",
    ({ dynamodb }) => dynamodb.send(new DeleteTableCommand({ TableName: LOCK_TABLE })),
  ],
  [
    "the states' key, deleted",
    "kms:ScheduleKeyDeletion",
    ({ kms }, { stateKeyId }) => kms.send(new ScheduleKeyDeletionCommand({ KeyId: stateKeyId })),
  ],
  [
    "the states' key, given to others",
    "kms:PutKeyPolicy",
    ({ kms }, { stateKeyId }) =>
      kms.send(new PutKeyPolicyCommand({ KeyId: stateKeyId, Policy: EVERYTHING })),
  ],
  [
    "the states' key, for anything but states",
    "kms:Encrypt",
    ({ kms }, { stateKeyId }) =>
      kms.send(new EncryptCommand({ KeyId: stateKeyId, Plaintext: Buffer.from("secret") })),
  ],
];

const tags = (environment: string) => [
  { Key: "Platform", Value: "inventory" },
  { Key: "Environment", Value: environment },
];

const lockRow = (environment: string) => ({
  TableName: LOCK_TABLE,
  Item: { LockID: { S: `${STATE_BUCKET}/${environment}/ecr/terraform.tfstate` } },
});

const anyoneInto = (GroupId: string) => ({
  GroupId,
  IpPermissions: [
    { IpProtocol: "tcp", FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: "0.0.0.0/0" }] },
  ],
});

const scalable = (cluster: string) => ({
  ServiceNamespace: "ecs",
  ScalableDimension: "ecs:service:DesiredCount",
  ResourceId: `service/${cluster}/${cluster}`,
  MinCapacity: 1,
  MaxCapacity: 100,
});

const policy = (statement: object) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });

const TRUST = policy({
  Principal: { Service: "ecs-tasks.amazonaws.com" },
  Action: "sts:AssumeRole",
});
const EVERYTHING = policy({ Action: "*", Resource: "*" });
const ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess";

const taskRole = (RoleName: string) => ({ RoleName, AssumeRolePolicyDocument: TRUST });
