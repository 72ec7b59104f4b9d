import { createHash } from "node:crypto";
import type { Environment } from "../../model/environment";
import type { Platform } from "../../model/platform";
import type { Secret } from "../../model/secret";
import type { Service } from "../../model/service";
import type { Table } from "../../model/table";
import { iamArn, type Partition, partitionOf } from "../../model/region";

/**
 * The names of all resources, and the ARNs that follow from them. They are computed and not read from another
 * state, so that each state can be planned before any resource exists.
 */
export class Names {
  /** `<platform>-<environment>`: the name of the cluster and the load balancer, and the start of all other names. */
  readonly prefix: string;
  readonly stateBucket: string;
  readonly lockTable: string;
  readonly stateKeyAlias: string;
  private readonly partition: Partition;

  constructor(
    private readonly platform: Platform,
    private readonly environment: Environment,
  ) {
    this.prefix = `${platform.name}-${environment.name}`;
    this.partition = partitionOf(environment.region);
    // Bucket names are unique across all accounts, so the name contains the account.
    this.stateBucket = `${this.prefix}-terraform-state-${environment.account}`;
    this.lockTable = `${this.prefix}-terraform-locks`;
    this.stateKeyAlias = `alias/${this.prefix}-terraform-state`;
  }

  /** The key of a state's object in the state bucket. */
  stateObject(state: string) {
    return `${this.environment.name}/${state}/terraform.tfstate`;
  }

  /** The name of the ECS service, its task definition family and its ECR repository. */
  service(service: Service) {
    return suffixed(this.prefix, this.platform, service);
  }

  table(table: Table) {
    return `${this.prefix}-${table.name}`;
  }

  secret(secret: Secret) {
    return `${this.prefix}-${secret.name}`;
  }

  /** The private DNS namespace, in which the services have their own names. */
  get namespace() {
    return `${this.prefix}.local`;
  }

  /** The URL at which other services call this one. */
  url({ name, containerPort }: Service) {
    return `http://${name}.${this.namespace}:${containerPort}`;
  }

  /**
   * A change of the port replaces the target group. Two target groups cannot have the same name at the same time, so
   * the name contains the port.
   */
  targetGroup(service: Service) {
    return shortened(32, `${this.service(service)}-${service.containerPort}`);
  }

  executionRole(service: Service) {
    return `${this.service(service)}-execution`;
  }

  taskRole(service: Service) {
    return `${this.service(service)}-task`;
  }

  logGroup(service: Service) {
    return `/ecs/${this.service(service)}`;
  }

  /** The URL of the service's ECR repository, without a tag. */
  repositoryUrl(service: Service) {
    const { account, region } = this.environment;
    return `${account}.dkr.ecr.${region}.${this.partition.domain}/${this.service(service)}`;
  }

  get clusterArn() {
    return this.arn("ecs", `cluster/${this.prefix}`);
  }

  get stateKeyAliasArn() {
    return this.arn("kms", this.stateKeyAlias);
  }

  /** `foundation/delivery.yaml` creates the roles and policies that begin with `ci-`, and Terraform creates none. */
  get deployRoleArn() {
    return this.roleArn(`ci-${this.prefix}-deploy`);
  }

  get planRoleArn() {
    return this.roleArn(`ci-${this.prefix}-plan`);
  }

  /** The permissions boundary of every role of the platform. */
  get taskBoundaryArn() {
    return this.iamArn(`policy/ci-${this.prefix}-task-boundary`);
  }

  tableArn(table: Table) {
    return this.arn("dynamodb", `table/${this.table(table)}`);
  }

  indexArn(table: Table, index: string) {
    return `${this.tableArn(table)}/index/${index}`;
  }

  /** AWS adds a hyphen and six random characters to the name of a secret in its ARN. */
  secretArnPattern(secret: Secret) {
    return this.arn("secretsmanager", `secret:${this.secret(secret)}-??????`);
  }

  repositoryArn(service: Service) {
    return this.arn("ecr", `repository/${this.service(service)}`);
  }

  executionRoleArn(service: Service) {
    return this.roleArn(this.executionRole(service));
  }

  taskRoleArn(service: Service) {
    return this.roleArn(this.taskRole(service));
  }

  logGroupArn(service: Service) {
    return this.arn("logs", `log-group:${this.logGroup(service)}`);
  }

  private roleArn(role: string) {
    return this.iamArn(`role/${role}`);
  }

  private iamArn(resource: string) {
    return iamArn(this.environment.region, this.environment.account, resource);
  }

  private arn(service: string, resource: string) {
    const { account, region } = this.environment;
    return `arn:${this.partition.name}:${service}:${region}:${account}:${resource}`;
  }
}

/** The id of a service's own state, without the environment. */
export const serviceState = (platform: Platform, service: Service) =>
  suffixed("ecs-service", platform, service);

const suffixed = (name: string, platform: Platform, service: Service) =>
  service.name === platform.name ? name : `${name}-${service.name}`;

const HASH_LENGTH = 8;

/**
 * Shortens a name to at most `length` characters. A shortened name ends in a hash of the full name, so that the
 * names of two services stay different.
 */
function shortened(length: number, name: string) {
  if (name.length <= length) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, HASH_LENGTH);
  return `${name.slice(0, length - HASH_LENGTH - 1).replace(/-$/, "")}-${hash}`;
}
