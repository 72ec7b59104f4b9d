import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { Fn, Token } from "cdktf";
import { Construct } from "constructs";
import { CpuAutoscaling } from "../constructs/compute/cpu-autoscaling";
import { DiscoveredService } from "../constructs/compute/discovered-service";
import { FargateService } from "../constructs/compute/fargate-service";
import { FargateTaskDefinition } from "../constructs/compute/fargate-task-definition";
import { ServiceConnection } from "../constructs/network/service-connection";
import { ServiceSecurityGroup } from "../constructs/network/service-security-group";
import { unchanged } from "../constructs/unchanged";
import { isCalled } from "../model/connection";
import { tablesOf } from "../model/platform";
import { secretNamesOf, type Service } from "../model/service";
import { isOutputValue, isSecretValue, type OutputValue, type SecretValue } from "../model/value";
import { alb } from "./alb";
import { authVariables } from "./auth";
import { discovery } from "./discovery";
import { dynamodb } from "./dynamodb";
import { ecr } from "./ecr";
import { ecsCluster } from "./ecs-cluster";
import { iam } from "./iam";
import { secrets } from "./secrets";
import type { ServiceState } from "./state-definition";
import { StateProps, StateStack } from "./state-stack";

/** One ECS service with its task definition, security group and autoscaling. A new image changes only this state. */
class EcsServiceStack extends StateStack {
  constructor(scope: Construct, service: Service, props: StateProps) {
    super(scope, "ecs-service", props, service);
    const { environment } = props;
    const name = this.names.service(service);
    const containerPort = this.variables.containerPort(service);
    const targetGroupArn = service.route && this.targetGroupArn(service);

    const logGroup = new CloudwatchLogGroup(this, "log-group", {
      name: this.names.logGroup(service),
      retentionInDays: environment.logRetentionDays,
    });
    const taskDefinition = new FargateTaskDefinition(this, "task-definition", {
      family: name,
      containerName: service.name,
      image: this.image(service),
      containerPort,
      size: service.size ?? environment.taskSize,
      cpuArchitecture: service.cpuArchitecture,
      executionRoleArn: this.names.executionRoleArn(service),
      taskRoleArn: this.names.taskRoleArn(service),
      logGroupName: logGroup.name,
      region: this.variables.region,
      user: service.user,
      containerHealthCheck: service.containerHealthCheck,
      environment: {
        ...this.values(service),
        ...this.tableVariables(service),
        ...this.connectionVariables(service),
        ...(service.auth === "bearer" &&
          environment.tokenIssuer &&
          authVariables(environment.tokenIssuer)),
      },
      secrets: this.secretReferences(service),
    });
    const securityGroup = new ServiceSecurityGroup(this, "security-group", {
      name,
      vpcId: this.variables.vpcId,
      region: environment.region,
      containerPort,
      loadBalancerSecurityGroupId:
        service.route && Token.asString(this.read("alb", "security_group_id")),
      endpointSecurityGroupId: this.variables.endpointSecurityGroupId,
      usesTables: tablesOf(props.platform, service).length > 0,
    });
    const connections = this.called(service).map((called) => {
      const calledSecurityGroupId = this.readService(called, "security_group_id");
      return new ServiceConnection(this.parts, called.name, {
        callerSecurityGroupId: securityGroup.id,
        calledSecurityGroupId: Token.asString(calledSecurityGroupId),
        caller: service.name,
        called: called.name,
        port: called.containerPort,
      });
    });
    const discovered = isCalled(service, props.platform.services)
      ? new DiscoveredService(this, "discovery", {
          name: service.name,
          namespaceId: Token.asString(this.read("discovery", "namespace_id")),
        })
      : undefined;
    const fargateService = new FargateService(this, "service", {
      name,
      clusterArn: this.names.clusterArn,
      taskDefinitionArn: taskDefinition.arn,
      containerName: service.name,
      containerPort,
      subnetIds: this.variables.privateSubnetIds,
      securityGroupId: securityGroup.id,
      desiredCount: environment.scaling.desiredCount,
      capacityProviderStrategy: environment.capacityProviderStrategy,
      targetGroupArn,
      registryArn: discovered?.arn,
      dependsOn: [...securityGroup.rules, ...connections.flatMap(({ rules }) => rules)],
    });
    new CpuAutoscaling(this, "autoscaling", {
      clusterName: this.names.prefix,
      serviceName: fargateService.name,
      minCapacity: environment.scaling.minCapacity,
      maxCapacity: environment.scaling.maxCapacity,
      targetCpuPercent: environment.scaling.targetCpuPercent,
    });
    this.output("ecs-service", {
      deployed_image_tag: this.imageOf(fargateService),
      ...(discovered && { security_group_id: securityGroup.id }),
    });
  }

  private targetGroupArn(service: Service) {
    return Token.asString(Fn.lookup(this.read("alb", "target_group_arns"), service.name));
  }

  /** The image by its digest (`<repository>@<digest>`), or by its tag (`<repository>:<tag>`) if there is no digest. */
  private image(service: Service) {
    const repository = this.variables.ecrRepoUrl(this.names.repositoryUrl(service));
    const parts = Fn.split("@", this.variables.imageTag);
    const image = Token.asString(Fn.element(Fn.reverse(parts), 0));
    const separator = Token.asString(Fn.conditional(Fn.startswith(image, "sha256:"), "@", ":"));
    return Fn.join(separator, [repository, image]);
  }

  /**
   * The tag or digest of the image that the service runs. The condition is always true. It makes the output
   * unknown in the plan: Terraform then writes the output only after the service is steady. An output that is
   * known in the plan is written even when the apply fails.
   */
  private imageOf({ taskDefinitionArn }: FargateService) {
    const runs = Fn.startswith(taskDefinitionArn, "arn:");
    return Token.asString(Fn.conditional(runs, this.variables.imageTag, ""));
  }

  /** The environment variables whose values are texts and outputs. */
  private values({ environment = {} }: Service) {
    const values = Object.entries(environment).flatMap(([variable, value]) => {
      if (isSecretValue(value)) return [];
      return [[variable, isOutputValue(value) ? this.outputValue(value) : value] as const];
    });
    return Object.fromEntries(values);
  }

  private outputValue({ state, output, before = "", after = "" }: OutputValue) {
    const value = Token.asString(this.read(state, output));
    return Fn.join("", [unchanged(before), value, unchanged(after)]);
  }

  /** The environment variables whose values are secrets, with what ECS reads for each. */
  private secretReferences({ environment = {} }: Service) {
    const references = Object.entries(environment).flatMap(([variable, value]) =>
      isSecretValue(value) ? [[variable, this.secretReference(value)] as const] : [],
    );
    return Object.fromEntries(references);
  }

  /** The ARN of a secret, or `<arn>:<key>::` for one of its keys. */
  private secretReference({ secret, key }: SecretValue) {
    const arn = Token.asString(Fn.lookup(this.read("secrets", "secret_arns"), secret));
    return key === undefined ? arn : Fn.join("", [arn, `:${key}::`]);
  }

  /** The environment variables with the names of the tables that the service may use. */
  private tableVariables(service: Service) {
    const variables = tablesOf(this.props.platform, service).map(
      ({ table, grant }) => [grant.variable, this.names.table(table)] as const,
    );
    return Object.fromEntries(variables);
  }

  /** The services that this one calls. */
  private called({ connections = [] }: Service) {
    const { services } = this.props.platform;
    return services.filter(({ name }) => connections.some(({ service }) => service === name));
  }

  /** The environment variables with the URLs of the services that this one calls. */
  private connectionVariables(service: Service) {
    const variables = this.called(service).flatMap((called) =>
      (service.connections ?? [])
        .filter((connection) => connection.service === called.name)
        .map(({ variable }) => [variable, this.names.url(called)] as const),
    );
    return Object.fromEntries(variables);
  }
}

const readsOutput = ({ environment = {} }: Service) =>
  Object.values(environment).some(isOutputValue);

export const ecsService: ServiceState = {
  per: "service",
  reads: (service, { services }) => [
    ...(service.route || readsOutput(service) ? [alb] : []),
    ...(secretNamesOf(service).length > 0 ? [secrets] : []),
    ...(isCalled(service, services) ? [discovery] : []),
  ],
  readsServices: ({ connections = [] }) => connections.map(({ service }) => service),
  after: ({ grants = [] }) => [ecr, ecsCluster, iam, ...(grants.length > 0 ? [dynamodb] : [])],
  create: (scope, service, props) => new EcsServiceStack(scope, service, props),
};
