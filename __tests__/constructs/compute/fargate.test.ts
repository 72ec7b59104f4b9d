import { CpuAutoscaling } from "../../../constructs/compute/cpu-autoscaling";
import { FargateCluster } from "../../../constructs/compute/fargate-cluster";
import {
  FargateService,
  type FargateServiceProps,
} from "../../../constructs/compute/fargate-service";
import { FargateTaskDefinition } from "../../../constructs/compute/fargate-task-definition";
import { fargateSizeProblem } from "../../../model/fargate-size";
import { synthesized } from "../../support/synthesized";

test("a cluster has both Fargate capacity providers, a default strategy and Container Insights", () => {
  const strategy = [{ capacityProvider: "FARGATE_SPOT", weight: 1 }] as const;
  const stack = synthesized((scope) => {
    new FargateCluster(scope, "cluster", {
      name: "shop-dev",
      defaultCapacityProviderStrategy: strategy,
    });
  });
  expect(stack.one("aws_ecs_cluster")).toMatchObject({
    setting: [{ name: "containerInsights", value: "enabled" }],
  });
  expect(stack.one("aws_ecs_cluster_capacity_providers")).toMatchObject({
    capacity_providers: ["FARGATE", "FARGATE_SPOT"],
    default_capacity_provider_strategy: [{ capacity_provider: "FARGATE_SPOT", weight: 1 }],
  });
});

const taskDefinition = (size = { cpu: 256, memoryMiB: 512 }) =>
  synthesized((scope) => {
    new FargateTaskDefinition(scope, "task", {
      family: "shop-dev",
      containerName: "shop",
      image: "registry/shop:1",
      containerPort: 8080,
      size,
      cpuArchitecture: "ARM64",
      executionRoleArn: "arn:execution",
      taskRoleArn: "arn:task",
      logGroupName: "/ecs/shop-dev",
      region: "eu-west-1",
      user: "65532:65532",
      containerHealthCheck: ["CMD", "node", "healthcheck.js"],
      environment: { TABLE: "items" },
    });
  }).one("aws_ecs_task_definition");

test("a task definition names its architecture and its network mode", () => {
  expect(taskDefinition()).toMatchObject({
    requires_compatibilities: ["FARGATE"],
    network_mode: "awsvpc",
    cpu: "256",
    memory: "512",
    runtime_platform: { cpu_architecture: "ARM64", operating_system_family: "LINUX" },
  });
});

test.each([
  ["runs without root", '"user" = "65532:65532"'],
  ["has a read-only root file system", '"readonlyRootFilesystem" = true'],
  ["has an init process", '"initProcessEnabled" = true'],
  ["drops all capabilities", '"capabilities" = {"drop" = ["ALL"]}'],
  ["has time to stop", '"stopTimeout" = 45'],
  ["says whether it lives", '"command" = ["CMD", "node", "healthcheck.js"]'],
  ["logs without ever blocking", '"mode" = "non-blocking"'],
  ["is told its port as text", '{"name" = "PORT", "value" = tostring(8080)}'],
  ["is told its environment", '{"name" = "TABLE", "value" = "items"}'],
])("a container %s", (_, definition) => {
  expect(taskDefinition().container_definitions).toContain(definition);
});

test("a task of a size that Fargate does not offer is an error that says what is offered", () => {
  expect(() => taskDefinition({ cpu: 256, memoryMiB: 4096 })).toThrow(
    "shop-dev: size.memoryMiB is 4096, expected with cpu 256 one of 512, 1024, 2048",
  );
});

test.each([
  [{ cpu: 256, memoryMiB: 512 }, undefined],
  [{ cpu: 4096, memoryMiB: 30720 }, undefined],
  [{ cpu: 16384, memoryMiB: 122880 }, undefined],
  [{ cpu: 300, memoryMiB: 512 }, "cpu"],
  [{ cpu: 512, memoryMiB: 512 }, "memoryMiB"],
  [{ cpu: 8192, memoryMiB: 17408 }, "memoryMiB"],
])("of size %j the wrong field is %s", (size, field) => {
  expect(fargateSizeProblem(size)?.field).toBe(field);
});

const service = (props: Partial<FargateServiceProps> = {}) =>
  synthesized((scope) => {
    new FargateService(scope, "service", {
      name: "shop-dev",
      clusterArn: "arn:cluster",
      taskDefinitionArn: "arn:task-definition",
      containerName: "shop",
      containerPort: 8080,
      subnetIds: ["subnet-1", "subnet-2"],
      securityGroupId: "sg-1",
      desiredCount: 2,
      capacityProviderStrategy: [{ capacityProvider: "FARGATE", weight: 1 }],
      dependsOn: [],
      ...props,
    });
  }).one("aws_ecs_service");

test("a service's tasks have no public address", () => {
  expect(service()).toMatchObject({
    network_configuration: {
      subnets: ["subnet-1", "subnet-2"],
      security_groups: ["sg-1"],
      assign_public_ip: false,
    },
  });
});

test("a service rolls back by itself, and the apply waits for it and then fails", () => {
  expect(service()).toMatchObject({
    deployment_circuit_breaker: { enable: true, rollback: true },
    deployment_minimum_healthy_percent: 100,
    wait_for_steady_state: true,
    lifecycle: {
      postcondition: [{ condition: expect.stringContaining("self.task_definition ==") as string }],
    },
  });
});

test("a service leaves the number of its tasks to autoscaling after creation", () => {
  expect(service()).toMatchObject({
    desired_count: 2,
    lifecycle: { ignore_changes: ["desired_count"] },
  });
});

test("a service sets what the provider would otherwise turn off", () => {
  expect(service()).toMatchObject({ availability_zone_rebalancing: "ENABLED" });
});

test("a service is behind a load balancer only when it has a target group", () => {
  expect(service()).not.toHaveProperty("load_balancer");
  expect(service({ targetGroupArn: "arn:target-group" })).toMatchObject({
    load_balancer: [
      { target_group_arn: "arn:target-group", container_name: "shop", container_port: 8080 },
    ],
  });
});

test("autoscaling follows CPU use between the given bounds", () => {
  const stack = synthesized((scope) => {
    new CpuAutoscaling(scope, "autoscaling", {
      clusterName: "shop-dev",
      serviceName: "shop-dev",
      minCapacity: 2,
      maxCapacity: 6,
      targetCpuPercent: 60,
    });
  });
  expect(stack.one("aws_appautoscaling_target")).toMatchObject({
    resource_id: "service/shop-dev/shop-dev",
    min_capacity: 2,
    max_capacity: 6,
  });
  expect(stack.one("aws_appautoscaling_policy")).toMatchObject({
    policy_type: "TargetTrackingScaling",
    target_tracking_scaling_policy_configuration: {
      predefined_metric_specification: {
        predefined_metric_type: "ECSServiceAverageCPUUtilization",
      },
      target_value: 60,
    },
  });
});
