import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeleteServiceCommand,
  DeregisterTaskDefinitionCommand,
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListServicesCommand,
  UpdateServiceCommand,
  type CreateServiceCommandInput,
  type UpdateServiceCommandInput,
} from "@aws-sdk/client-ecs";
import { reportDeployments, type DeploymentReport } from "../../../local/emulator/control";
import { createService, registerTaskDefinition } from "../support/emulated-resources";
import { allow, allowAll, roleWith } from "../support/emulated-role";
import { neededBy } from "../support/iam-accesses";
import { useEmulator } from "../support/use-emulator";

const aws = useEmulator();
const ecs = new ECSClient(aws.config);

test("a service keeps what it was created with", async () => {
  const given = {
    availabilityZoneRebalancing: "ENABLED",
    capacityProviderStrategy: [{ capacityProvider: "FARGATE", base: 1, weight: 1 }],
    deploymentConfiguration: {
      deploymentCircuitBreaker: { enable: true, rollback: true },
      maximumPercent: 150,
      minimumHealthyPercent: 50,
    },
    enableECSManagedTags: true,
    enableExecuteCommand: true,
    healthCheckGracePeriodSeconds: 30,
    platformVersion: "1.4.0",
    propagateTags: "SERVICE",
  } as const;
  const service = await startService({
    ...given,
    capacityProviderStrategy: [...given.capacityProviderStrategy],
  });
  const described = await service.describe();
  expect(described).toMatchObject(given);
  expect(described.launchType).toBeUndefined();
  expect(described.roleArn).toMatch(/AWSServiceRoleForECS$/);
});

test("a service keeps what it was updated with, and the rest", async () => {
  const service = await startService({ propagateTags: "SERVICE", enableECSManagedTags: true });
  await service.update({ healthCheckGracePeriodSeconds: 7, enableECSManagedTags: false });
  expect(await service.describe()).toMatchObject({
    enableECSManagedTags: false,
    healthCheckGracePeriodSeconds: 7,
    propagateTags: "SERVICE",
  });
});

test("a new service runs nothing until the data plane says so", async () => {
  const service = await startService({ desiredCount: 2 });
  const before = await service.describe();
  expect(before).toMatchObject({ desiredCount: 2, runningCount: 0, pendingCount: 0 });
  expect(before.deployments).toEqual([
    expect.objectContaining({
      id: expect.stringMatching(/^ecs-svc\/\d{19}$/) as string,
      status: "PRIMARY",
      rolloutState: "IN_PROGRESS",
      desiredCount: 2,
      runningCount: 0,
      pendingCount: 0,
      failedTasks: 0,
      taskDefinition: service.taskDefinition,
      createdAt: expect.any(Date) as Date,
    }),
  ]);

  await service.report({ runningCount: 1, pendingCount: 1, rolloutState: "IN_PROGRESS" });
  expect(await service.describe()).toMatchObject({ runningCount: 1, pendingCount: 1 });
  await service.report({ runningCount: 2 });
  expect(await service.describe()).toMatchObject({
    runningCount: 2,
    pendingCount: 0,
    deployments: [{ rolloutState: "COMPLETED", rolloutStateReason: "as told" }],
  });
  const { clusters } = await ecs.send(new DescribeClustersCommand({ clusters: [service.cluster] }));
  expect(clusters).toMatchObject([{ runningTasksCount: 2, pendingTasksCount: 0 }]);
});

test("another number of tasks is not another deployment", async () => {
  const service = await startService({ desiredCount: 1 });
  const [before] = await service.deployments();
  await service.update({ desiredCount: 3 });
  expect(await service.deployments()).toMatchObject([{ id: before?.id, desiredCount: 3 }]);
});

test("a new task definition takes over from the old one, which goes when its tasks have", async () => {
  const service = await startService({});
  await service.report({ runningCount: 1 });
  const [old] = await service.deployments();

  const taskDefinition = await registerTaskDefinition(ecs, service.name);
  await service.update({ taskDefinition: taskDefinition.split("/").at(-1) });
  expect(await service.deployments()).toMatchObject([
    { status: "PRIMARY", rolloutState: "IN_PROGRESS", taskDefinition, runningCount: 0 },
    { status: "ACTIVE", id: old?.id, runningCount: 1 },
  ]);

  await service.report({ runningCount: 1 });
  expect(await service.deployments()).toHaveLength(2);
  await service.report({ id: old?.id, runningCount: 0 });
  expect(await service.deployments()).toMatchObject([{ status: "PRIMARY", taskDefinition }]);
});

test("forceNewDeployment deploys the same again", async () => {
  const service = await startService({});
  const [old] = await service.deployments();
  await service.update({ forceNewDeployment: true });
  const [primary, former] = await service.deployments();
  expect(former?.id).toBe(old?.id);
  expect(primary).toMatchObject({ status: "PRIMARY", taskDefinition: service.taskDefinition });
});

const rollback = {
  deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
};

test("a deployment that fails is rolled back to the last one that did not", async () => {
  const service = await startService(rollback);
  await service.report({ runningCount: 1 });
  await service.update({ taskDefinition: await registerTaskDefinition(ecs, service.name) });
  const [failed] = await service.deployments();
  await service.report({ runningCount: 0, failedTasks: 3, rolloutState: "FAILED" });

  const described = await service.describe();
  const [primary, second] = described.deployments ?? [];
  expect(described.taskDefinition).toBe(service.taskDefinition);
  expect(primary).toMatchObject({ status: "PRIMARY", rolloutState: "IN_PROGRESS" });
  expect(primary?.taskDefinition).toBe(service.taskDefinition);
  expect(second).toMatchObject({ id: failed?.id, status: "ACTIVE", rolloutState: "FAILED" });
  const rollingBack = `rolling back to deploymentId ${primary?.id ?? ""}.`;
  expect(second?.rolloutStateReason?.toLowerCase()).toContain(rollingBack.toLowerCase());
  expect(described.events?.[0]?.message).toBe(`(service ${service.name}) ${rollingBack}`);
});

test("a rollback that fails too is left at that", async () => {
  const service = await startService(rollback);
  await service.report({ runningCount: 1 });
  await service.update({ taskDefinition: await registerTaskDefinition(ecs, service.name) });
  await service.report({ runningCount: 0, rolloutState: "FAILED" });
  const [rollingBack] = await service.deployments();
  await service.report({ runningCount: 0, rolloutState: "FAILED" });
  expect((await service.deployments())[0]).toMatchObject({
    id: rollingBack?.id,
    rolloutState: "FAILED",
  });
});

test.each([
  ["there is nothing to go back to", rollback, false],
  ["the circuit breaker does not roll back", {}, true],
])("a deployment that fails stays when %s", async (_, configuration, hasCompleted) => {
  const service = await startService(configuration);
  if (hasCompleted) await service.report({ runningCount: 1 });
  const taskDefinition = await registerTaskDefinition(ecs, service.name);
  await service.update({ taskDefinition });
  await service.report({ runningCount: 0, rolloutState: "FAILED" });
  expect(await service.describe()).toMatchObject({ taskDefinition });
  expect((await service.deployments())[0]).toMatchObject({
    status: "PRIMARY",
    rolloutState: "FAILED",
    taskDefinition,
  });
});

test("events come last first, the last hundred of them", async () => {
  const { cluster, name, describe } = await startService({});
  const events = Array.from({ length: 101 }, (_, i) => `event ${i}`);
  for (const event of [events.slice(1), events.slice(0, 1)]) {
    await reportDeployments(aws, { cluster, service: name, deployments: [], events: event });
  }
  const described = (await describe()).events ?? [];
  expect(described).toHaveLength(100);
  expect(described[0]).toMatchObject({
    id: expect.any(String) as string,
    createdAt: expect.any(Date) as Date,
    message: "event 0",
  });
});

test("a report of an unknown service is refused, of an unknown deployment ignored", async () => {
  const service = await startService({});
  await service.report({ id: "ecs-svc/1", runningCount: 9 });
  expect(await service.describe()).toMatchObject({ runningCount: 0 });
  const unknown = { cluster: service.cluster, service: "no", deployments: [], events: [] };
  await expect(reportDeployments(aws, unknown)).rejects.toThrow("ServiceNotFound");
});

test("a deleted service is described as INACTIVE and no longer listed", async () => {
  const { cluster, name, describe } = await startService({});
  await ecs.send(new DeleteServiceCommand({ cluster, service: name, force: true }));
  expect(await describe()).toMatchObject({ status: "INACTIVE", runningCount: 0 });
  const { serviceArns } = await ecs.send(new ListServicesCommand({ cluster }));
  expect(serviceArns).toEqual([]);
});

test("a deleted service is DRAINING and not listed until its tasks have stopped", async () => {
  const service = await startService({});
  const [deployment] = (await service.describe()).deployments ?? [];
  const id = deployment?.id ?? "";
  await service.report({ id, runningCount: 2 });
  const { cluster, name } = service;
  await ecs.send(new DeleteServiceCommand({ cluster, service: name, force: true }));
  expect(await service.describe()).toMatchObject({
    status: "DRAINING",
    desiredCount: 0,
    runningCount: 2,
  });
  const { serviceArns } = await ecs.send(new ListServicesCommand({ cluster }));
  expect(serviceArns).toEqual([]);
  await service.report({ id, runningCount: 1 });
  expect(await service.describe()).toMatchObject({ status: "DRAINING", runningCount: 1 });
  await service.report({ id, runningCount: 0 });
  expect(await service.describe()).toMatchObject({ status: "INACTIVE", runningCount: 0 });
});

test("calls are authorized on clusters, services and families of task definitions", async () => {
  const role = await roleWith(aws, allowAll);
  const client = new ECSClient(role.config);
  const tags = [{ key: "Platform", value: "ours" }];
  await client.send(new CreateClusterCommand({ clusterName: "main", tags }));
  const taskDefinition = await registerTaskDefinition(client, "family");
  await client.send(
    new CreateServiceCommand({ cluster: "main", serviceName: "api", taskDefinition, tags }),
  );
  await client.send(new UpdateServiceCommand({ cluster: "main", service: "api", desiredCount: 1 }));
  const services = [aws.arn("ecs", "service/main/api")];
  await client.send(
    new DescribeServicesCommand({ cluster: aws.arn("ecs", "cluster/main"), services }),
  );
  await client.send(new ListServicesCommand({ cluster: "main" }));
  await client.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  await client.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
  expect(await neededBy(aws, role)).toEqual([
    `ecs:CreateCluster ${aws.arn("ecs", "cluster/main")}`,
    `ecs:TagResource ${aws.arn("ecs", "cluster/main")}`,
    `ecs:RegisterTaskDefinition ${aws.arn("ecs", "task-definition/family:*")}`,
    `ecs:CreateService ${aws.arn("ecs", "service/main/api")}`,
    `ecs:TagResource ${aws.arn("ecs", "service/main/api")}`,
    `ecs:UpdateService ${aws.arn("ecs", "service/main/api")}`,
    `ecs:DescribeServices ${aws.arn("ecs", "service/main/api")}`,
    "ecs:ListServices *",
    "ecs:DescribeTaskDefinition *",
    "ecs:DeregisterTaskDefinition *",
  ]);
});

test("an action that AWS allows on everything only is not allowed on less", async () => {
  const taskDefinition = await registerTaskDefinition(ecs, "narrow");
  const command = new DescribeTaskDefinitionCommand({ taskDefinition });
  const action = "ecs:DescribeTaskDefinition";
  const narrow = await roleWith(aws, allow(action, aws.arn("ecs", "task-definition/*")));
  await expect(new ECSClient(narrow.config).send(command)).rejects.toThrow(
    `${action} on resource: *`,
  );
  const wide = await roleWith(aws, allow(action));
  await new ECSClient(wide.config).send(command);
});

/** A service of one task, unless the settings say otherwise, and what the tests do with it. */
async function startService(settings: Partial<CreateServiceCommandInput>) {
  const service = await createService(aws, { desiredCount: 1, ...settings });
  const { cluster, name } = service;
  const describe = async () => {
    const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: [name] }));
    if (!services?.[0]) throw new Error(`no service ${name}`);
    return services[0];
  };
  const deployments = async () => (await describe()).deployments ?? [];
  const report = async (told: Partial<DeploymentReport>) => {
    const [primary] = await deployments();
    const deployment: DeploymentReport = {
      id: primary?.id ?? "",
      runningCount: 0,
      pendingCount: 0,
      failedTasks: 0,
      rolloutState: "COMPLETED",
      rolloutStateReason: "as told",
      ...told,
    };
    await reportDeployments(aws, {
      cluster,
      service: name,
      deployments: [deployment],
      events: [],
    });
  };
  const update = (change: Partial<UpdateServiceCommandInput>) =>
    ecs.send(new UpdateServiceCommand({ cluster, service: name, ...change }));
  return { ...service, describe, deployments, report, update };
}
