import { CreateServiceCommand, ECSClient } from "@aws-sdk/client-ecs";
import { createService } from "../support/emulated-resources";
import { allowAll, roleWith } from "../support/emulated-role";
import { neededBy } from "../support/iam-accesses";
import { autoscalingCall } from "../support/raw-call";
import { useEmulator } from "../support/use-emulator";

const aws = useEmulator();

test("a scalable target has tags", async () => {
  const { ScalableTargetARN: ResourceARN } = await autoscalingCall(aws, "RegisterScalableTarget", {
    ServiceNamespace: "dynamodb",
    ResourceId: "table/any",
    ScalableDimension: "dynamodb:table:ReadCapacityUnits",
    MinCapacity: 1,
    MaxCapacity: 2,
    Tags: { a: "1", b: "2" },
  });
  await autoscalingCall(aws, "TagResource", { ResourceARN, Tags: { c: "3" } });
  await autoscalingCall(aws, "UntagResource", { ResourceARN, TagKeys: ["a"] });
  expect(await autoscalingCall(aws, "ListTagsForResource", { ResourceARN })).toEqual({
    Tags: { b: "2", c: "3" },
  });
});

test("deleting what is not there is an error that Terraform takes for deleted", async () => {
  const target = {
    ServiceNamespace: "ecs",
    ResourceId: "service/none/none",
    ScalableDimension: "ecs:service:DesiredCount",
  };
  for (const [action, body] of [
    ["DeleteScalingPolicy", { ...target, PolicyName: "cpu" }],
    ["DeregisterScalableTarget", target],
  ] as const) {
    await expect(autoscalingCall(aws, action, body)).rejects.toThrow(
      '"__type": "ObjectNotFoundException"',
    );
  }
});

test("a service has its own policies only, although another's name begins with its name", async () => {
  const { cluster, name, taskDefinition } = await createService(aws);
  const longer = `${name}-worker`;
  const ecs = new ECSClient(aws.config);
  await ecs.send(new CreateServiceCommand({ cluster, serviceName: longer, taskDefinition }));
  const dimension = { ServiceNamespace: "ecs", ScalableDimension: "ecs:service:DesiredCount" };
  const ids = [`service/${cluster}/${name}`, `service/${cluster}/${longer}`];
  for (const ResourceId of ids) {
    const target = { ...dimension, ResourceId };
    await autoscalingCall(aws, "RegisterScalableTarget", {
      ...target,
      MinCapacity: 1,
      MaxCapacity: 2,
    });
    await autoscalingCall(aws, "PutScalingPolicy", {
      ...target,
      PolicyName: "cpu",
      PolicyType: "TargetTrackingScaling",
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 60,
        PredefinedMetricSpecification: {
          PredefinedMetricType: "ECSServiceAverageCPUUtilization",
        },
      },
    });
  }
  for (const ResourceId of ids) {
    const { ScalingPolicies } = await autoscalingCall(aws, "DescribeScalingPolicies", {
      ...dimension,
      ResourceId,
    });
    expect(ScalingPolicies).toEqual([expect.objectContaining({ ResourceId })]);
  }
});

test("calls are authorized on any scalable target before it is there, then on that one", async () => {
  const role = await roleWith(aws, allowAll);
  const asRole = { ...aws, ...role.config };
  const { cluster, name } = await createService(aws);
  const target = {
    ServiceNamespace: "ecs",
    ResourceId: `service/${cluster}/${name}`,
    ScalableDimension: "ecs:service:DesiredCount",
    MinCapacity: 1,
    MaxCapacity: 2,
  };
  const scaler = await roleWith(aws);
  const first = { ...target, RoleARN: scaler.arn, Tags: { Platform: "ours" } };
  const { ScalableTargetARN } = await autoscalingCall(asRole, "RegisterScalableTarget", first);
  await autoscalingCall(asRole, "RegisterScalableTarget", target);
  await autoscalingCall(asRole, "DescribeScalableTargets", { ServiceNamespace: "ecs" });
  const service = "application-autoscaling";
  expect(await neededBy(aws, role)).toEqual([
    `${service}:RegisterScalableTarget ${aws.arn(service, "scalable-target/*")}`,
    `${service}:TagResource ${aws.arn(service, "scalable-target/*")}`,
    `iam:PassRole ${scaler.arn}`,
    `${service}:RegisterScalableTarget ${String(ScalableTargetARN)}`,
    `${service}:DescribeScalableTargets *`,
  ]);
});
