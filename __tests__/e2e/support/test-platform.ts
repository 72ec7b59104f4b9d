import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
} from "@aws-sdk/client-ec2";
import { CreateRepositoryCommand, ECRClient } from "@aws-sdk/client-ecr";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
  type ContainerDefinition,
  type Service,
} from "@aws-sdk/client-ecs";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { clientConfig, type LocalAws } from "../../../local/emulator/aws";

const name = "data-plane";
const containerPort = 8080;

/** A platform that is created with the AWS SDK: a service and everything that it needs. */
export class TestPlatform {
  readonly loadBalancerName = name;
  readonly repositoryName = name;
  readonly logGroupName = `/ecs/${name}`;
  securityGroups = { loadBalancer: "", service: "" };
  targetGroupArn = "";
  private readonly subnets: string[] = [];
  private roles = { execution: "", task: "" };

  readonly ecs: ECSClient;
  readonly ec2: EC2Client;
  readonly elb: ElasticLoadBalancingV2Client;

  constructor(readonly aws: LocalAws) {
    this.ecs = new ECSClient(clientConfig(aws));
    this.ec2 = new EC2Client(clientConfig(aws));
    this.elb = new ElasticLoadBalancingV2Client(clientConfig(aws));
  }

  /** Creates everything except the service. */
  async create(): Promise<void> {
    await this.createNetwork();
    await this.createLoadBalancer();
    await new ECRClient(clientConfig(this.aws)).send(
      new CreateRepositoryCommand({ repositoryName: name, imageTagMutability: "IMMUTABLE" }),
    );
    await new CloudWatchLogsClient(clientConfig(this.aws)).send(
      new CreateLogGroupCommand({ logGroupName: this.logGroupName }),
    );
    await new DynamoDBClient(clientConfig(this.aws)).send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      }),
    );
    await this.createRoles();
    await this.ecs.send(new CreateClusterCommand({ clusterName: name }));
  }

  /** Registers a revision that runs an image tag. Returns its ARN. */
  async registerTaskDefinition(
    tag: string,
    container: Partial<ContainerDefinition> = {},
  ): Promise<string> {
    const { taskDefinition } = await this.ecs.send(
      new RegisterTaskDefinitionCommand({
        family: name,
        networkMode: "awsvpc",
        requiresCompatibilities: ["FARGATE"],
        cpu: "256",
        memory: "512",
        executionRoleArn: this.roles.execution,
        taskRoleArn: this.roles.task,
        containerDefinitions: [
          {
            name: "app",
            image: `${this.aws.accountId}.dkr.ecr.${this.aws.region}.amazonaws.com/${name}:${tag}`,
            essential: true,
            portMappings: [{ containerPort }],
            environment: [
              { name: "PORT", value: String(containerPort) },
              { name: "TABLE", value: name },
            ],
            stopTimeout: 5,
            logConfiguration: {
              logDriver: "awslogs",
              options: {
                "awslogs-group": this.logGroupName,
                "awslogs-region": this.aws.region,
                "awslogs-stream-prefix": name,
              },
            },
            ...container,
          },
        ],
      }),
    );
    return taskDefinition?.taskDefinitionArn ?? "";
  }

  async createService(taskDefinition: string, desiredCount: number): Promise<void> {
    await this.ecs.send(
      new CreateServiceCommand({
        cluster: name,
        serviceName: name,
        taskDefinition,
        desiredCount,
        launchType: "FARGATE",
        deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
        healthCheckGracePeriodSeconds: 0,
        loadBalancers: [
          { targetGroupArn: this.targetGroupArn, containerName: "app", containerPort },
        ],
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: this.subnets,
            securityGroups: [this.securityGroups.service],
          },
        },
      }),
    );
  }

  async updateService(change: { taskDefinition?: string; desiredCount?: number }): Promise<void> {
    await this.ecs.send(new UpdateServiceCommand({ cluster: name, service: name, ...change }));
  }

  async describeService(): Promise<Service> {
    const { services } = await this.ecs.send(
      new DescribeServicesCommand({ cluster: name, services: [name] }),
    );
    if (!services?.[0]) throw new Error(`the service ${name} does not exist`);
    return services[0];
  }

  /** Whether all tasks of one revision run and no others. */
  async isSteadyOn(taskDefinition: string): Promise<boolean> {
    const { deployments = [], runningCount, desiredCount } = await this.describeService();
    const [only] = deployments;
    return (
      deployments.length === 1 &&
      only?.taskDefinition === taskDefinition &&
      only.rolloutState === "COMPLETED" &&
      runningCount === desiredCount
    );
  }

  private async createNetwork(): Promise<void> {
    const { Vpc } = await this.ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
    const VpcId = Vpc?.VpcId ?? "";
    for (const [index, zone] of ["a", "b"].entries()) {
      const { Subnet } = await this.ec2.send(
        new CreateSubnetCommand({
          VpcId,
          CidrBlock: `10.0.${index}.0/24`,
          AvailabilityZone: `${this.aws.region}${zone}`,
        }),
      );
      this.subnets.push(Subnet?.SubnetId ?? "");
    }
    const loadBalancer = await this.createSecurityGroup(VpcId, "load-balancer");
    const service = await this.createSecurityGroup(VpcId, "service");
    this.securityGroups = { loadBalancer, service };
    await this.allowEgress();
    await this.ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: service,
        IpPermissions: [tcpWith(loadBalancer)],
      }),
    );
    const { TargetGroups } = await this.elb.send(
      new CreateTargetGroupCommand({
        Name: name,
        VpcId,
        Protocol: "HTTP",
        Port: containerPort,
        TargetType: "ip",
        HealthCheckPath: "/health",
        HealthCheckIntervalSeconds: 5,
        HealthCheckTimeoutSeconds: 2,
        HealthyThresholdCount: 2,
        UnhealthyThresholdCount: 2,
        Matcher: { HttpCode: "200" },
      }),
    );
    this.targetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? "";
    await this.elb.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn: this.targetGroupArn,
        Attributes: [{ Key: "deregistration_delay.timeout_seconds", Value: "2" }],
      }),
    );
  }

  /** Allows the load balancer to connect to the service. */
  async allowEgress(): Promise<void> {
    const { service, loadBalancer } = this.securityGroups;
    await this.ec2.send(
      new AuthorizeSecurityGroupEgressCommand({
        GroupId: loadBalancer,
        IpPermissions: [tcpWith(service)],
      }),
    );
  }

  /** Removes the egress rule from the load balancer's group. */
  async revokeEgress(): Promise<void> {
    const { service, loadBalancer } = this.securityGroups;
    await this.ec2.send(
      new RevokeSecurityGroupEgressCommand({
        GroupId: loadBalancer,
        IpPermissions: [tcpWith(service)],
      }),
    );
  }

  private async createSecurityGroup(VpcId: string, role: string): Promise<string> {
    const { GroupId = "" } = await this.ec2.send(
      new CreateSecurityGroupCommand({ GroupName: role, Description: role, VpcId }),
    );
    // Terraform does the same: a new group allows all outgoing traffic.
    await this.ec2.send(
      new RevokeSecurityGroupEgressCommand({
        GroupId,
        IpPermissions: [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
      }),
    );
    return GroupId;
  }

  private async createLoadBalancer(): Promise<void> {
    const { LoadBalancers } = await this.elb.send(
      new CreateLoadBalancerCommand({
        Name: name,
        Subnets: this.subnets,
        SecurityGroups: [this.securityGroups.loadBalancer],
        Type: "application",
      }),
    );
    await this.elb.send(
      new CreateListenerCommand({
        LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
        Port: 80,
        Protocol: "HTTP",
        DefaultActions: [{ Type: "forward", TargetGroupArn: this.targetGroupArn }],
      }),
    );
  }

  private async createRoles(): Promise<void> {
    const { region, accountId } = this.aws;
    const execution = await this.createRole("execution", [
      { Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" },
      {
        Effect: "Allow",
        Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        Resource: `arn:aws:ecr:${region}:${accountId}:repository/${name}`,
      },
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: `arn:aws:logs:${region}:${accountId}:log-group:${this.logGroupName}:*`,
      },
    ]);
    const task = await this.createRole("task", [
      {
        Effect: "Allow",
        Action: "dynamodb:GetItem",
        Resource: `arn:aws:dynamodb:${region}:${accountId}:table/${name}`,
      },
    ]);
    this.roles = { execution, task };
  }

  private async createRole(role: string, Statement: object[]): Promise<string> {
    const iam = new IAMClient(clientConfig(this.aws));
    const RoleName = `${name}-${role}`;
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName,
        AssumeRolePolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "ecs-tasks.amazonaws.com" },
              Action: "sts:AssumeRole",
              Condition: {
                StringEquals: { "aws:SourceAccount": this.aws.accountId },
                ArnLike: {
                  "aws:SourceArn": `arn:aws:ecs:${this.aws.region}:${this.aws.accountId}:*`,
                },
              },
            },
          ],
        }),
      }),
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName,
        PolicyName: role,
        PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement }),
      }),
    );
    return Role?.Arn ?? "";
  }
}

function tcpWith(GroupId: string) {
  return {
    IpProtocol: "tcp",
    FromPort: containerPort,
    ToPort: containerPort,
    UserIdGroupPairs: [{ GroupId }],
  };
}
