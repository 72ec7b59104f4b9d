import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeTagsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { reportTargetHealth } from "../../../local/emulator/control";
import { HTTP, OUR_TAGS, createSubnets, createVpc } from "../support/emulated-resources";
import { allowAll, roleWith } from "../support/emulated-role";
import { neededBy } from "../support/iam-accesses";
import { uniqueName } from "../support/unique-name";
import { useEmulator } from "../support/use-emulator";

const aws = useEmulator();
const elb = new ElasticLoadBalancingV2Client(aws.config);

test("a target is healthy only when the data plane says so, until it is deregistered", async () => {
  const targetGroupArn = await createTargetGroup();
  const Targets = [{ Id: "127.0.1.1", Port: 3000 }];
  const of = { TargetGroupArn: targetGroupArn, Targets };
  const health = async () => {
    const answer = await elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
    );
    return answer.TargetHealthDescriptions?.map(({ TargetHealth }) => TargetHealth);
  };
  const target = { id: "127.0.1.1", port: 3000 };
  const initial = [{ State: "initial", Reason: "Elb.RegistrationInProgress" }];

  await elb.send(new RegisterTargetsCommand(of));
  expect(await health()).toMatchObject(initial);
  await reportTargetHealth(aws, { targetGroupArn, targets: [{ ...target, state: "healthy" }] });
  expect(await health()).toEqual([{ State: "healthy" }]);
  const unhealthy = { state: "unhealthy", reason: "Target.Timeout", description: "too slow" };
  await reportTargetHealth(aws, {
    targetGroupArn,
    targets: [{ ...target, ...unhealthy, state: "unhealthy" }],
  });
  expect(await health()).toEqual([
    { State: "unhealthy", Reason: "Target.Timeout", Description: "too slow" },
  ]);
  await elb.send(new DeregisterTargetsCommand(of));
  expect(await health()).toEqual([]);
  await elb.send(new RegisterTargetsCommand(of));
  expect(await health()).toMatchObject(initial);
});

test("two ports of one address are two targets", async () => {
  const targetGroupArn = await createTargetGroup();
  const Targets = [3000, 3001].map((Port) => ({ Id: "127.0.0.1", Port }));
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets }));
  await reportTargetHealth(aws, {
    targetGroupArn,
    targets: [{ id: "127.0.0.1", port: 3001, state: "healthy" }],
  });
  await elb.send(
    new DeregisterTargetsCommand({
      TargetGroupArn: targetGroupArn,
      Targets: [{ Id: "127.0.0.1", Port: 3000 }],
    }),
  );
  const answer = await elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
  );
  expect(answer.TargetHealthDescriptions).toMatchObject([
    { Target: { Id: "127.0.0.1", Port: 3001 }, TargetHealth: { State: "healthy" } },
  ]);
});

test("a report of an unknown target group is refused", async () => {
  await expect(
    reportTargetHealth(aws, { targetGroupArn: "arn:none", targets: [] }),
  ).rejects.toThrow("target group 'arn:none' does not exist");
});

test("a load balancer or listener that is created twice with the same settings is one", async () => {
  const balancer = {
    Name: uniqueName("lb"),
    Subnets: await createSubnets(aws, await createVpc(aws)),
  };
  const createBalancer = async (changes: object = {}) => {
    const { LoadBalancers } = await elb.send(
      new CreateLoadBalancerCommand({ ...balancer, ...changes }),
    );
    return LoadBalancers?.[0]?.LoadBalancerArn ?? "";
  };
  const [LoadBalancerArn, again] = await Promise.all([createBalancer(), createBalancer()]);
  expect(again).toBe(LoadBalancerArn);
  await expect(createBalancer({ Scheme: "internal" })).rejects.toMatchObject({
    name: "DuplicateLoadBalancerNameException",
  });

  const TargetGroupArn = await createTargetGroup();
  const createListener = async (changes: object = {}) => {
    const { Listeners } = await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn,
        Protocol: "HTTP",
        Port: 80,
        // moto adds defaults to it.
        DefaultActions: [
          { Type: "forward", ForwardConfig: { TargetGroups: [{ TargetGroupArn }] } },
        ],
        ...changes,
      }),
    );
    return Listeners?.[0]?.ListenerArn;
  };
  const [listener, repeated] = await Promise.all([createListener(), createListener()]);
  expect(repeated).toBe(listener);
  await expect(
    createListener({ DefaultActions: [{ Type: "forward", TargetGroupArn }] }),
  ).rejects.toMatchObject({ name: "DuplicateListenerException" });
  expect(await createListener({ Port: 81 })).not.toBe(listener);
  const { Listeners } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn }));
  expect(Listeners).toHaveLength(2);
});

test("calls are authorized by name on what they make, and by ARN on what there is", async () => {
  const role = await roleWith(aws, allowAll);
  const client = new ElasticLoadBalancingV2Client(role.config);
  const vpc = await createVpc(aws);
  const { TargetGroups } = await client.send(
    new CreateTargetGroupCommand({ Name: "tg", VpcId: vpc, ...HTTP, Tags: OUR_TAGS }),
  );
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? "";
  const Subnets = await createSubnets(aws, vpc);
  const { LoadBalancers } = await client.send(
    new CreateLoadBalancerCommand({ Name: "lb", Subnets, Tags: OUR_TAGS }),
  );
  const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn ?? "";
  const { Listeners } = await client.send(
    new CreateListenerCommand({
      LoadBalancerArn,
      ...HTTP,
      DefaultActions: [{ Type: "forward", TargetGroupArn }],
      Tags: OUR_TAGS,
    }),
  );
  const ListenerArn = Listeners?.[0]?.ListenerArn ?? "";
  const Conditions = [{ Field: "path-pattern", Values: ["/a"] }];
  const { Rules } = await client.send(
    new CreateRuleCommand({
      ListenerArn,
      Priority: 1,
      Conditions,
      Actions: [{ Type: "forward", TargetGroupArn }],
      Tags: OUR_TAGS,
    }),
  );
  const RuleArn = Rules?.[0]?.RuleArn ?? "";
  await client.send(new ModifyRuleCommand({ RuleArn, Conditions }));
  await client.send(new DescribeTagsCommand({ ResourceArns: [LoadBalancerArn] }));
  const service = "elasticloadbalancing";
  const children = LoadBalancerArn.replace(":loadbalancer/", ":listener/");
  expect(await neededBy(aws, role)).toEqual([
    `${service}:CreateTargetGroup ${aws.arn(service, "targetgroup/tg/*")}`,
    `${service}:AddTags ${aws.arn(service, "targetgroup/tg/*")}`,
    `${service}:CreateLoadBalancer ${aws.arn(service, "loadbalancer/app/lb/*")}`,
    `${service}:AddTags ${aws.arn(service, "loadbalancer/app/lb/*")}`,
    `${service}:CreateListener ${LoadBalancerArn}`,
    `${service}:AddTags ${children}/*`,
    `${service}:CreateRule ${ListenerArn}`,
    `${service}:AddTags ${ListenerArn.replace(":listener/", ":listener-rule/")}/*`,
    `${service}:ModifyRule ${RuleArn}`,
    `${service}:DescribeTags *`,
  ]);
});

async function createTargetGroup() {
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name: uniqueName("group"),
      TargetType: "ip",
      Protocol: "HTTP",
      Port: 3000,
      VpcId: await createVpc(aws),
    }),
  );
  return TargetGroups?.[0]?.TargetGroupArn ?? "";
}
