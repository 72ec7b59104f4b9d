import { TerraformVariable, Token } from "cdktf";
import { Construct } from "constructs";
import type { Environment } from "../../model/environment";
import type { Service } from "../../model/service";

/**
 * The Terraform variables of a state. Each is declared when it is first used. Its default is the environment's
 * value, so that `terraform plan` works in the state's folder without any option.
 */
export class StateVariables {
  constructor(
    private readonly scope: Construct,
    private readonly values: Environment,
  ) {}

  get environment() {
    return this.fixed("environment", "Environment that this state belongs to.", this.values.name);
  }

  get region() {
    return this.fixed("region", "AWS region that this state belongs to.", this.values.region);
  }

  get vpcId() {
    return this.variable("vpc_id", {
      type: "string",
      description: "VPC of the platform.",
      default: this.values.network.vpcId,
      ...validation('can(regex("^vpc-[0-9a-f]{8,17}$", var.vpc_id))', "an id such as vpc-0a1b2c3d"),
    }).stringValue;
  }

  get publicSubnetIds() {
    return this.subnets("public", "the load balancer", this.values.network.publicSubnetIds);
  }

  get privateSubnetIds() {
    return this.subnets("private", "the tasks", this.values.network.privateSubnetIds);
  }

  get endpointSecurityGroupId() {
    return this.variable("endpoint_security_group_id", {
      type: "string",
      description: "Security group of the VPC's interface endpoints.",
      default: this.values.network.endpointSecurityGroupId,
      ...validation(
        'can(regex("^sg-[0-9a-f]{8,17}$", var.endpoint_security_group_id))',
        "an id such as sg-0a1b2c3d",
      ),
    }).stringValue;
  }

  ecrRepoUrl(url: string) {
    return this.variable("ecr_repo_url", {
      type: "string",
      description: "Repository that the image is pulled from, without a tag.",
      default: url,
      ...validation(
        'can(regex("^[0-9]{12}\\\\.dkr\\\\.ecr\\\\.[a-z0-9-]+\\\\.amazonaws\\\\.com(\\\\.cn)?/[a-z0-9/_.-]+$", var.ecr_repo_url))',
        "<account>.dkr.ecr.<region>.amazonaws.com/<repository>",
      ),
    }).stringValue;
  }

  /** This variable has no default, because each deploy decides which image runs. */
  get imageTag() {
    return this.variable("image_tag", {
      type: "string",
      description:
        "Image to run: its digest, with the Git commit SHA that it is tagged with before it, <sha>@sha256:..., or one of both.",
      ...validation(
        'can(regex("^([0-9a-f]{40}|([0-9a-f]{40}@)?sha256:[0-9a-f]{64})$", var.image_tag))',
        "a full commit SHA (40 hex digits), a digest (sha256:...), or both as <sha>@sha256:..., never a moving tag such as latest",
      ),
    }).stringValue;
  }

  containerPort(service: Service) {
    return this.variable("container_port", {
      type: "number",
      description: "Port that the container listens on.",
      default: service.containerPort,
      // A process needs a Linux capability to bind a lower port, and the containers drop all capabilities.
      ...validation(
        "var.container_port >= 1024 && var.container_port <= 65535 && floor(var.container_port) == var.container_port",
        "a whole number from 1024 to 65535",
      ),
    }).numberValue;
  }

  /** A variable that accepts only the environment's value, because names are computed from that value. */
  private fixed(name: string, description: string, value: string) {
    return this.variable(name, {
      type: "string",
      description,
      default: value,
      ...validation(
        `var.${name} == "${value}"`,
        `"${value}"; for another one deploy the other environment's state`,
      ),
    }).stringValue;
  }

  private subnets(kind: "public" | "private", user: string, ids: readonly string[]) {
    const name = `${kind}_subnet_ids`;
    const variable = this.variable(name, {
      type: "list(string)",
      description: `Subnets of ${user}, in two or more availability zones.`,
      default: ids,
      ...validation(
        `length(distinct(var.${name})) >= 2 && alltrue([for id in var.${name} : can(regex("^subnet-[0-9a-f]{8,17}$", id))])`,
        "two or more ids such as subnet-0a1b2c3d",
      ),
    });
    return Token.asList(variable.value);
  }

  private variable(name: string, config: ConstructorParameters<typeof TerraformVariable>[2]) {
    const existing = this.scope.node.tryFindChild(name) as TerraformVariable | undefined;
    return existing ?? new TerraformVariable(this.scope, name, { nullable: false, ...config });
  }
}

const validation = (condition: string, expected: string) => ({
  validation: [{ condition: `\${${condition}}`, errorMessage: `Expected ${expected}.` }],
});
