import {
  BatchGetImageCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  PutImageCommand,
} from "@aws-sdk/client-ecr";
import { DescribeRegionsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateServiceCommand, ECSClient, ListTasksCommand } from "@aws-sdk/client-ecs";
import {
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { CreateServiceLinkedRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { clientConfig, type LocalAws } from "../../../../local/emulator/aws";
import { readBackend } from "../../../../delivery/synthesized/config";
import { ExistingBackend } from "../../../../delivery/backend/existing-backend";
import { arn } from "./names";
import { rawCall } from "../raw-call";
import type { RoleTerraform } from "./role-terraform";

/** An attempt of a role that lacks one statement. */
type Step = (terraform: RoleTerraform, without: LocalAws) => Promise<unknown>;

/**
 * For each statement that allows something, a step of a deploy that needs it. The step uses
 * Terraform, or an API if Terraform does not call that API.
 */
export const STEPS: Readonly<Record<string, Step>> = {
  ReadWhatHasNoName: (terraform) => terraform.plan("alb"),
  ReadKeys: (terraform) => terraform.plan("backend"),
  ReadScalableTargets: (terraform) => terraform.plan("ecs-service"),
  ReadDiscovery: (terraform) => terraform.plan("discovery"),
  ReadStateKey: (terraform) => terraform.plan("backend"),
  ReadWhatIsNamed: (terraform) => terraform.plan("ecr"),
  ReadStateBucket: (terraform) => terraform.plan("backend"),
  ReadStates: (terraform) => terraform.plan("ecs-cluster"),
  DecryptStates: (terraform) => terraform.plan("ecs-cluster"),
  // A plan continues without the digest, but releasing a lock reads it first.
  ReadDigests: (terraform) => terraform.apply("ecr"),
  ChangeStateBucket: (terraform) => terraform.create("backend", "aws_s3_bucket.state_bucket"),
  WriteStates: (terraform) => terraform.apply("ecr"),
  ReleaseLockFiles: (terraform) => terraform.apply("ecr"),
  LockStates: (terraform) => terraform.apply("ecr"),
  EncryptStates: (terraform) => terraform.apply("ecr"),
  FindStateKey: (terraform, without) =>
    new ExistingBackend(readBackend(terraform.directory("backend")), clientConfig(without)).keyId(
      "Terraform states of inventory-dev",
    ),
  CreateStateKey: (terraform) => terraform.create("backend", "aws_kms_key.state_key"),
  SetUpStateKey: (terraform) => terraform.create("backend", "aws_kms_key.state_key"),
  NameStateKey: (terraform) => terraform.create("backend", "aws_kms_alias.state_key_alias"),
  ChangeRepositories: (terraform) => terraform.create("ecr", "aws_ecr_repository.inventory"),
  PushImages: (_, without) =>
    new ECRClient(clientConfig(without)).send(
      new PutImageCommand({ repositoryName: "inventory-dev", imageManifest: "{}" }),
    ),
  LogInToRegistries: (_, without) =>
    new ECRClient(clientConfig(without)).send(new GetAuthorizationTokenCommand({})),
  PullPromotedImages: (_, without) =>
    new ECRClient(clientConfig(without)).send(
      new BatchGetImageCommand({
        repositoryName: "inventory-sandbox",
        imageIds: [{ imageTag: "a".repeat(40) }],
      }),
    ),
  ChangeTables: (terraform) => terraform.create("dynamodb", "aws_dynamodb_table.items"),
  ChangeSecrets: (terraform) => terraform.create("secrets", "aws_secretsmanager_secret.token"),
  ChangeBoundedRoles: (terraform) => terraform.create("iam", "aws_iam_role.inventory_task"),
  TagRoles: (terraform) => terraform.create("iam", "aws_iam_role.inventory_task"),
  PassRolesToTasks: (terraform) => terraform.replace("ecs-service", TASK_DEFINITION),
  ChangeServices: (terraform) => terraform.create("ecs-cluster", "aws_ecs_cluster.cluster"),
  CreateServicesInPrivateSubnets: (_, without) =>
    new ECSClient(clientConfig(without)).send(
      new CreateServiceCommand({ cluster: "inventory-dev", serviceName: "another" }),
    ),
  KeepServicesInPrivateSubnets: (terraform) => terraform.replace("ecs-service", TASK_DEFINITION),
  // The service gets a new revision, and then deregistering the old one is denied.
  DeregisterTaskDefinitions: (terraform) => terraform.replace("ecs-service", TASK_DEFINITION),
  ListTasks: (_, without) =>
    new ECSClient(clientConfig(without)).send(new ListTasksCommand({ cluster: "inventory-dev" })),
  ChangeLogGroups: (terraform) =>
    terraform.create("ecs-service", "aws_cloudwatch_log_group.log_group"),
  ChangeScalableTargets: (terraform) => terraform.replace("ecs-service", SCALABLE_TARGET),
  // The target is deleted, and then creating the new one is denied.
  CreateScalableTargets: (terraform) => terraform.replace("ecs-service", SCALABLE_TARGET),
  TagNewScalableTargets: (terraform) => terraform.replace("ecs-service", SCALABLE_TARGET),
  ScaleByAlarms: (_, without) =>
    rawCall(without, "monitoring", "PutMetricAlarm", {
      AlarmName: "TargetTracking-service/inventory-dev/inventory-dev-AlarmHigh",
      ComparisonOperator: "GreaterThanThreshold",
      EvaluationPeriods: "1",
      MetricName: "CPUUtilization",
      Namespace: "AWS/ECS",
      Period: "60",
      Statistic: "Average",
      Threshold: "60",
    }),
  ChangeLoadBalancers: (terraform) =>
    terraform.replace("alb", "aws_lb_listener_rule.inventory_rule"),
  CreateSecurityGroups: (terraform) => terraform.create("ecs-service", SECURITY_GROUP),
  CreateSecurityGroupsInVpc: (terraform) => terraform.create("ecs-service", SECURITY_GROUP),
  TagWhatIsCreated: (terraform) => terraform.create("ecs-service", SECURITY_GROUP),
  ChangeSecurityGroups: (terraform) => terraform.replace("alb", INGRESS),
  // The rule is deleted, and then creating the new one is denied.
  CreateSecurityGroupRules: (terraform) => terraform.replace("alb", INGRESS),
  LookAtTheNetwork: (_, without) =>
    new ElasticLoadBalancingV2Client(clientConfig(without)).send(
      new DescribeTargetHealthCommand({
        TargetGroupArn: arn("elasticloadbalancing", "targetgroup/inventory-dev-8080/1"),
      }),
    ),
  CreateNamespaces: (terraform) => terraform.create("discovery", NAMESPACE),
  ChangeDiscovery: (terraform) => terraform.replace("discovery", NAMESPACE),
  CreateHostedZones: (_, without) =>
    new EC2Client(clientConfig(without)).send(new DescribeRegionsCommand({})),
  CreateServiceLinkedRoles: (_, without) =>
    new IAMClient(clientConfig(without)).send(
      new CreateServiceLinkedRoleCommand({ AWSServiceName: "ecs.amazonaws.com" }),
    ),
};

const INGRESS = "aws_vpc_security_group_ingress_rule.load_balancer_ingress_http";
const NAMESPACE = "aws_service_discovery_private_dns_namespace.namespace";
const SCALABLE_TARGET = "aws_appautoscaling_target.autoscaling_target";
const SECURITY_GROUP = "aws_security_group.security_group";
const TASK_DEFINITION = "aws_ecs_task_definition.task_definition";
