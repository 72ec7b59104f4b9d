import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import {
  GetOpenIDConnectProviderCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
} from "@aws-sdk/client-iam";
import { useEmulator } from "../support/use-emulator";

const aws = useEmulator();
const cloudFormation = new CloudFormationClient(aws.config);
const iam = new IAMClient(aws.config);

/** Names begin with the stack's. */
const TEMPLATE = `
Parameters:
  Subjects:
    Type: CommaDelimitedList
    Default: "repo:our/repo:environment:dev, repo:our@1/repo@2:environment:dev"
  Repository:
    Type: String
    Default: our/repo
  Extra:
    Type: String
    Default: ""
Conditions:
  HasExtra: !Not [!Equals [!Ref Extra, ""]]
Resources:
  Provider:
    Type: AWS::IAM::OIDCProvider
    Properties:
      Url: !Sub https://\${AWS::StackName}.example/path
      ClientIdList: [sts.amazonaws.com]
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: !Sub \${AWS::StackName}-policy
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Action: dynamodb:GetItem
            Resource: !Sub arn:\${AWS::Partition}:dynamodb:\${AWS::Region}:\${AWS::AccountId}:table/*
          - !If
            - HasExtra
            - { Effect: Allow, Action: !Ref Extra, Resource: "*" }
            - !Ref AWS::NoValue
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub \${AWS::StackName}-role
      PermissionsBoundary: !Ref Policy
      ManagedPolicyArns: [!Ref Policy, arn:aws:iam::aws:policy/ReadOnlyAccess]
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: { Federated: !GetAtt Provider.Arn }
            Action: sts:AssumeRoleWithWebIdentity
            Condition: { StringEquals: { "x.example/path:sub": !Ref Subjects } }
      Policies:
        - PolicyName: inline
          PolicyDocument:
            Version: 2012-10-17
            Statement:
              - Effect: Allow
                Action: sts:AssumeRole
                Resource: !Sub
                  - arn:aws:iam::\${AWS::AccountId}:role/\${Owner}-\${Rest}
                  - Owner: !Select [0, !Split ["/", !Ref Repository]]
                    Rest: !Join ["-", [a, b]]
Outputs:
  ProviderArn: { Value: !Ref Provider }
  PolicyArn: { Value: !GetAtt Policy.PolicyArn }
  RoleArn: { Value: !GetAtt Role.Arn }
`;

const Capabilities = ["CAPABILITY_NAMED_IAM" as const];
const roleArn = (name: string) => aws.arn("iam", `role/${name}`);

test("a stack makes an identity provider, a policy and a role", async () => {
  const { ProviderArn, PolicyArn, RoleArn } = await createStack("whole");
  expect({ ProviderArn, PolicyArn, RoleArn }).toEqual({
    ProviderArn: aws.arn("iam", "oidc-provider/whole.example/path"),
    PolicyArn: aws.arn("iam", "policy/whole-policy"),
    RoleArn: roleArn("whole-role"),
  });
  const provider = new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: ProviderArn });
  expect(await iam.send(provider)).toMatchObject({ ClientIDList: ["sts.amazonaws.com"] });
  expect(await policyStatements("whole")).toEqual([
    {
      Effect: "Allow",
      Action: "dynamodb:GetItem",
      Resource: aws.arn("dynamodb", "table/*"),
    },
  ]);

  const { Role } = await iam.send(new GetRoleCommand({ RoleName: "whole-role" }));
  expect(Role?.PermissionsBoundary?.PermissionsBoundaryArn).toBe(PolicyArn);
  expect(parse(Role?.AssumeRolePolicyDocument)).toEqual([
    {
      Effect: "Allow",
      Principal: { Federated: ProviderArn },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: {
        StringEquals: {
          "x.example/path:sub": [
            "repo:our/repo:environment:dev",
            "repo:our@1/repo@2:environment:dev",
          ],
        },
      },
    },
  ]);
  expect(await attachedTo("whole-role")).toEqual([
    aws.arn("iam", "policy/whole-policy"),
    "arn:aws:iam::aws:policy/ReadOnlyAccess",
  ]);
  expect(await inlineStatements("whole")).toMatchObject([{ Resource: roleArn("our-a-b") }]);
});

test("an update changes policies and roles, time and again", async () => {
  await createStack("changing");
  // IAM keeps five versions of a policy.
  for (let version = 1; version <= 6; version++) {
    await updateStack("changing", TEMPLATE.replace("dynamodb:GetItem", `dynamodb:V${version}`));
  }
  expect(await policyStatements("changing")).toMatchObject([{ Action: "dynamodb:V6" }]);
  const changed = TEMPLATE.replace("[!Ref Policy, arn", "[arn")
    .replace("role/", "role/other-")
    .replace("x.example/path:sub", "x.example/path:aud");
  await updateStack("changing", changed);
  expect(await attachedTo("changing-role")).toEqual(["arn:aws:iam::aws:policy/ReadOnlyAccess"]);
  expect(await inlineStatements("changing")).toMatchObject([
    { Resource: roleArn("other-our-a-b") },
  ]);
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: "changing-role" }));
  expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")).toContain("x.example/path:aud");
});

test("a deleted stack leaves nothing behind", async () => {
  const { ProviderArn, PolicyArn } = await createStack("gone");
  await cloudFormation.send(new DeleteStackCommand({ StackName: "gone" }));
  const missing = { name: "NoSuchEntityException" };
  const provider = new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: ProviderArn });
  await expect(iam.send(provider)).rejects.toMatchObject(missing);
  await expect(iam.send(new GetPolicyCommand({ PolicyArn }))).rejects.toMatchObject(missing);
  const command = new GetRoleCommand({ RoleName: "gone-role" });
  await expect(iam.send(command)).rejects.toMatchObject(missing);
});

test("a type that the local AWS cannot make fails the stack", async () => {
  const create = createStack("unknown", "Resources: { Odd: { Type: AWS::Odd::Thing } }");
  await expect(create).rejects.toThrow("The local AWS cannot make a AWS::Odd::Thing");
});

test("roles with names take CAPABILITY_NAMED_IAM", async () => {
  const StackName = "uncapable";
  const create = (Capabilities?: "CAPABILITY_IAM"[]) =>
    cloudFormation.send(
      new CreateStackCommand({ StackName, TemplateBody: TEMPLATE, Capabilities }),
    );
  const refused = { name: "InsufficientCapabilitiesException" };
  await expect(create()).rejects.toMatchObject(refused);
  await expect(create(["CAPABILITY_IAM"])).rejects.toMatchObject(refused);
});

/** Gives its outputs. */
async function createStack(StackName: string, TemplateBody = TEMPLATE) {
  await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody, Capabilities }));
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
  const outputs = Stacks?.[0]?.Outputs ?? [];
  const pairs = outputs.map(({ OutputKey = "", OutputValue }) => [OutputKey, OutputValue] as const);
  return Object.fromEntries<string | undefined>(pairs);
}

async function updateStack(StackName: string, TemplateBody: string) {
  await cloudFormation.send(new UpdateStackCommand({ StackName, TemplateBody, Capabilities }));
}

async function policyStatements(stack: string) {
  const PolicyArn = aws.arn("iam", `policy/${stack}-policy`);
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
  const { PolicyVersion } = await iam.send(
    new GetPolicyVersionCommand({ PolicyArn, VersionId: Policy?.DefaultVersionId }),
  );
  return parse(PolicyVersion?.Document);
}

async function inlineStatements(stack: string) {
  const { PolicyDocument } = await iam.send(
    new GetRolePolicyCommand({ RoleName: `${stack}-role`, PolicyName: "inline" }),
  );
  return parse(PolicyDocument);
}

async function attachedTo(RoleName: string) {
  const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  return AttachedPolicies?.map(({ PolicyArn }) => PolicyArn).sort();
}

function parse(document = "") {
  return (JSON.parse(decodeURIComponent(document)) as { Statement: object[] }).Statement;
}
