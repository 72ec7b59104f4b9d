import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs";
import {
  CreateTargetGroupCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { nextChange, reportDeployments, reportTargetHealth } from "../../../local/emulator/control";
import {
  createSecurityGroup,
  createService,
  createVpc,
  registerTaskDefinition,
  tableOf,
} from "../support/emulated-resources";
import { uniqueName } from "../support/unique-name";
import { useEmulator } from "../support/use-emulator";

const aws = useEmulator();
const ecs = new ECSClient(aws.config);
const ec2 = new EC2Client(aws.config);
const elb = new ElasticLoadBalancingV2Client(aws.config);
const dynamoDb = new DynamoDBClient(aws.config);

const { signal } = new AbortController();
const changesSoFar = () => nextChange(aws, -1, signal);

describe("counts", () => {
  let vpcId: string;
  let service: Awaited<ReturnType<typeof createService>>;
  let targetGroupArn: string;

  beforeAll(async () => {
    vpcId = await createVpc(aws);
    service = await createService(aws);
    targetGroupArn = await createTargetGroup();
  });

  test.each<[string, () => Promise<unknown>]>([
    ["a call of ECS that writes", () => registerTaskDefinition(ecs, uniqueName("task"))],
    ["a call of EC2 that writes", () => createSecurityGroup(ec2, vpcId)],
    ["a call of Elastic Load Balancing that writes", () => createTargetGroup()],
    [
      "a report on the deployments of a service",
      () =>
        reportDeployments(aws, {
          cluster: service.cluster,
          service: service.name,
          deployments: [],
          events: [],
        }),
    ],
    [
      "a report on the health of targets",
      () => reportTargetHealth(aws, { targetGroupArn, targets: [] }),
    ],
  ])("%s", async (_, change) => {
    const before = await changesSoFar();
    await change();
    expect(await changesSoFar()).toBe(before + 1);
  });

  async function createTargetGroup() {
    const { TargetGroups } = await elb.send(
      new CreateTargetGroupCommand({
        Name: uniqueName("group"),
        TargetType: "ip",
        Protocol: "HTTP",
        Port: 3000,
        VpcId: vpcId,
      }),
    );
    return TargetGroups?.[0]?.TargetGroupArn ?? "";
  }
});

test("counts neither reads nor the calls of other services", async () => {
  const before = await changesSoFar();
  await ecs.send(new ListClustersCommand({}));
  await ec2.send(new DescribeVpcsCommand({}));
  await elb.send(new DescribeTargetGroupsCommand({}));
  await dynamoDb.send(tableOf(uniqueName("table")));
  expect(await changesSoFar()).toBe(before);
});

test("answers who waits for a change when it has happened, and not before", async () => {
  const before = await changesSoFar();
  let answered = false;
  const waiting = nextChange(aws, before, signal).finally(() => {
    answered = true;
  });
  await ecs.send(new ListClustersCommand({}));
  expect(answered).toBe(false);
  await registerTaskDefinition(ecs, uniqueName("task"));
  expect(await waiting).toBe(before + 1);
});
