import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DescribePrefixListsCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { OUR_TAGS, createSecurityGroup, createVpc } from "../support/emulated-resources";
import { allowAll, roleWith } from "../support/emulated-role";
import { neededBy } from "../support/iam-accesses";
import { useEmulator } from "../support/use-emulator";

const aws = useEmulator();

test("a rule that names a security group or a prefix list keeps its description", async () => {
  const ec2 = new EC2Client(aws.config);
  const GroupId = await createSecurityGroup(ec2, await createVpc(aws));
  const { PrefixLists } = await ec2.send(new DescribePrefixListsCommand({}));
  const onPort = { IpProtocol: "tcp", FromPort: 443, ToPort: 443 };
  const Description = "why it is open";
  const peers = [
    { UserIdGroupPairs: [{ GroupId, Description }] },
    { PrefixListIds: [{ PrefixListId: PrefixLists?.[0]?.PrefixListId, Description }] },
  ];
  for (const peer of peers) {
    const IpPermissions = [{ ...onPort, ...peer }];
    await ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions }));
  }
  const { SecurityGroupRules } = await ec2.send(
    new DescribeSecurityGroupRulesCommand({
      Filters: [{ Name: "group-id", Values: [GroupId] }],
    }),
  );
  const described = SecurityGroupRules?.filter(({ FromPort }) => FromPort === 443);
  expect(described).toMatchObject([{ Description }, { Description }]);
});

test("calls are authorized on a group and its VPC, a rule's group, and everything for reading", async () => {
  const role = await roleWith(aws, allowAll);
  const ec2 = new EC2Client(role.config);
  const vpc = await createVpc(aws);
  const group = await createSecurityGroup(ec2, vpc, OUR_TAGS);
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: group,
      IpPermissions: [
        { IpProtocol: "tcp", FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: "0.0.0.0/0" }] },
      ],
      TagSpecifications: [{ ResourceType: "security-group-rule", Tags: OUR_TAGS }],
    }),
  );
  await ec2.send(new CreateTagsCommand({ Resources: [group], Tags: OUR_TAGS }));
  await ec2.send(new DescribeVpcsCommand({ VpcIds: [vpc] }));
  await ec2.send(new DeleteSecurityGroupCommand({ GroupId: group }));
  expect(await neededBy(aws, role)).toEqual([
    `ec2:CreateSecurityGroup ${aws.arn("ec2", "security-group/*")}`,
    `ec2:CreateSecurityGroup ${aws.arn("ec2", `vpc/${vpc}`)}`,
    `ec2:CreateTags ${aws.arn("ec2", "security-group/*")}`,
    `ec2:AuthorizeSecurityGroupIngress ${aws.arn("ec2", `security-group/${group}`)}`,
    `ec2:AuthorizeSecurityGroupIngress ${aws.arn("ec2", "security-group-rule/*")}`,
    `ec2:CreateTags ${aws.arn("ec2", "security-group-rule/*")}`,
    `ec2:CreateTags ${aws.arn("ec2", `security-group/${group}`)}`,
    "ec2:DescribeVpcs *",
    `ec2:DeleteSecurityGroup ${aws.arn("ec2", `security-group/${group}`)}`,
  ]);
});
