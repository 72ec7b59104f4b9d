import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type PolicyDocument,
  PSEUDO,
  resourcesOf,
  type Statement,
} from "../support/cloudformation";

const TOOLING = "999988887777";

interface Options {
  readonly Platform?: string;
  readonly Environment?: string;
  readonly Protected?: string;
  readonly PromotesFromAccount?: string;
  readonly PromotesFromEnvironment?: string;
}

const PROMOTES = { PromotesFromAccount: "222222222222", PromotesFromEnvironment: "dev" };

const made = (options: Options = {}) =>
  resourcesOf("delivery.yaml", {
    Platform: "inventory",
    Environment: "dev",
    ToolingAccount: TOOLING,
    Protected: "false",
    VpcId: "vpc-0a1b2c3d",
    PrivateSubnetIds: "subnet-0a1b2c3d,subnet-1a1b2c3d",
    ...options,
  });

/** The managed policies by their id in the template. */
const policies = (options?: Options) =>
  Object.entries(made(options)).flatMap(([id, { Type, Properties }]) =>
    Type === "AWS::IAM::ManagedPolicy"
      ? [{ id, document: Properties.PolicyDocument as PolicyDocument }]
      : [],
  );

const statements = (options: Options = PROMOTES) =>
  policies(options).flatMap(({ id, document }) =>
    document.Statement.map((statement) => ({ policy: id, ...statement })),
  );

const listed = (value: string | readonly string[] = []): string[] => [value].flat();

const statement = (sid: string): Statement => {
  const found = statements().find(({ Sid }) => Sid === sid);
  if (!found) throw new Error(`there is no statement ${sid}`);
  return found;
};

test("policies stay within IAM's size limit, with the longest names", () => {
  const longest = {
    Platform: "p".repeat(20),
    Environment: "e".repeat(10),
    PromotesFromAccount: "222222222222",
    PromotesFromEnvironment: "f".repeat(10),
  };
  for (const { id, document } of policies(longest)) {
    expect([id, JSON.stringify(document).length <= 6144]).toEqual([id, true]);
  }
  const names = Object.values(made(longest)).map(({ Properties }) => Properties);
  for (const { RoleName, ManagedPolicyName } of names) {
    expect(((RoleName ?? ManagedPolicyName) as string).length).toBeLessThanOrEqual(64);
  }
});

test("each statement has a name of its own", () => {
  const sids = statements().map(({ Sid }) => Sid);
  expect(sids).not.toContain(undefined);
  const boundary = policies(PROMOTES).find(({ id }) => id === "TaskBoundary");
  const others = statements().filter(({ policy }) => policy !== "TaskBoundary");
  expect(new Set(others.map(({ Sid }) => Sid)).size).toBe(others.length);
  expect(new Set(boundary?.document.Statement.map(({ Sid }) => Sid)).size).toBe(6);
});

test("no statement allows actions by a pattern", () => {
  const patterns = statements()
    .filter(({ Effect }) => Effect === "Allow")
    .flatMap(({ Action }) => listed(Action))
    .filter((action) => action.includes("*"));
  expect(patterns).toEqual([]);
});

/** Actions for which AWS supports only `*` as the resource. */
const ON_ALL = [
  "application-autoscaling:DescribeScalableTargets",
  "application-autoscaling:DescribeScalingPolicies",
  "ec2:DescribeAccountAttributes",
  "ec2:DescribeInternetGateways",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribePrefixLists",
  "ec2:DescribeRegions",
  "ec2:DescribeSecurityGroupRules",
  "ec2:DescribeSecurityGroups",
  "ec2:DescribeSubnets",
  "ec2:DescribeVpcs",
  // The resource is a VPC, whose id is unknown here.
  "ec2:GetSecurityGroupsForVpc",
  "ecr:GetAuthorizationToken",
  "ecs:DeregisterTaskDefinition",
  "ecs:DescribeTaskDefinition",
  // A condition limits it to the cluster.
  "ecs:ListTasks",
  "elasticloadbalancing:DescribeCapacityReservation",
  "elasticloadbalancing:DescribeListenerAttributes",
  "elasticloadbalancing:DescribeListeners",
  "elasticloadbalancing:DescribeLoadBalancerAttributes",
  "elasticloadbalancing:DescribeLoadBalancers",
  "elasticloadbalancing:DescribeRules",
  "elasticloadbalancing:DescribeTags",
  "elasticloadbalancing:DescribeTargetGroupAttributes",
  "elasticloadbalancing:DescribeTargetGroups",
  "elasticloadbalancing:DescribeTargetHealth",
  // A condition limits it by tags.
  "kms:CreateKey",
  "kms:ListAliases",
  "kms:ListKeys",
  // A condition limits it by tags. The key is being created.
  "kms:TagResource",
  "logs:DescribeLogGroups",
  // The zone is being created.
  "route53:CreateHostedZone",
  "route53:GetHostedZone",
  "route53:ListHostedZonesByName",
  // A condition limits it by tags.
  "servicediscovery:CreatePrivateDnsNamespace",
  "servicediscovery:GetOperation",
  "servicediscovery:ListInstances",
  "servicediscovery:ListTagsForResource",
  // A condition limits it by tags.
  "servicediscovery:TagResource",
];

test("on all resources are only actions for which AWS knows no narrower ones", () => {
  const onAll = statements()
    .filter(({ Effect, Resource }) => Effect === "Allow" && listed(Resource).includes("*"))
    .flatMap(({ Action }) => listed(Action));
  expect([...new Set(onAll)].sort()).toEqual(ON_ALL);
});

/** Resources with random names. A condition checks which platform they belong to. */
const NAMED_AT_RANDOM =
  /^arn:aws:(kms:.*:key|ec2:.*:(security-group|security-group-rule)|application-autoscaling:.*:scalable-target|servicediscovery:.*:(namespace|service)|iam:.*:role\/aws-service-role)\/(\*|\$\{\*\})$/;

test("each other resource is named after platform and environment, and no other environment is", () => {
  const own = statements()
    .filter(({ Effect, Sid }) => Effect === "Allow" && Sid !== "PullPromotedImages")
    .flatMap(({ Resource }) => listed(Resource))
    .filter((resource) => resource !== "*" && !NAMED_AT_RANDOM.test(resource));
  for (const resource of own) {
    expect(resource).toMatch(/[:/]inventory-dev($|[-:/])|:vpc\/vpc-0a1b2c3d$/);
    // Such a pattern would also match other names, for example inventory-dev2.
    expect(resource).not.toMatch(/inventory-dev\*/);
  }
  expect(own.length).toBeGreaterThan(50);
});

test("resources with random names are identified by tags or by their service, or are only read", () => {
  const unconditional = statements().filter(
    ({ Effect, Resource, Condition }) =>
      Effect === "Allow" &&
      Condition === undefined &&
      listed(Resource).some((resource) => NAMED_AT_RANDOM.test(resource)),
  );
  expect(unconditional.map(({ Sid, Action }) => [Sid, Action])).toEqual([
    ["ReadKeys", "kms:DescribeKey"],
    ["ReadDiscovery", ["servicediscovery:GetNamespace", "servicediscovery:GetService"]],
    // Only the data role has these. None of them lets anyone use a key.
    [
      "SetUpStateKey",
      [
        "kms:CreateAlias",
        "kms:EnableKeyRotation",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:ListResourceTags",
        "kms:UpdateKeyDescription",
      ],
    ],
  ]);
});

test("roles are passed to tasks only", () => {
  const passing = statements().filter(({ Action }) => listed(Action).includes("iam:PassRole"));
  expect(passing).toHaveLength(1);
  expect(passing[0]).toMatchObject({
    Action: "iam:PassRole",
    Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
  });
  expect(listed(passing[0]?.Resource)).toEqual(
    ["task", "execution", "*-task", "*-execution"].map(
      (role) => `arn:aws:iam::${PSEUDO["AWS::AccountId"]}:role/inventory-dev-${role}`,
    ),
  );
});

test("roles are made and changed under the boundary only, which nothing can take off or change", () => {
  const onRoles = statements().filter(
    ({ Effect, Action }) =>
      Effect === "Allow" &&
      listed(Action).some((action) => /^iam:(Create|Put|Update|Delete|Attach|Detach)/.test(action)),
  );
  expect(onRoles.map(({ Sid }) => Sid)).toEqual(["ChangeBoundedRoles", "CreateServiceLinkedRoles"]);
  expect(onRoles[0]?.Condition).toEqual({
    ArnEquals: { "iam:PermissionsBoundary": "<TaskBoundary>" },
  });
  const all = statements().flatMap(({ Action }) => listed(Action));
  expect(all).not.toContain("iam:DeleteRolePermissionsBoundary");
  expect(all.filter((action) => /^iam:\w*Policy(Version)?$/.test(action)).sort()).toEqual([
    "iam:DeleteRolePolicy",
    "iam:GetRolePolicy",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
  ]);
});

test("states and the lock table cannot be deleted, whatever else is allowed", () => {
  expect(statement("KeepBackend")).toMatchObject({
    Effect: "Deny",
    Action: ["dynamodb:DeleteTable", "s3:DeleteObject", "s3:DeleteObjectVersion"],
    Resource: [
      "arn:aws:s3:::*/*.tfstate",
      `arn:aws:dynamodb:${PSEUDO["AWS::Region"]}:${PSEUDO["AWS::AccountId"]}:table/inventory-dev-terraform-locks`,
    ],
  });
  const deleting = statements().filter(
    ({ Effect, Action }) => Effect === "Allow" && listed(Action).includes("s3:DeleteObject"),
  );
  expect(deleting.map(({ Resource }) => Resource)).toEqual([
    `arn:aws:s3:::inventory-dev-terraform-state-${PSEUDO["AWS::AccountId"]}/dev/*.tflock`,
  ]);
});

test("of the lock table, only the rows of this environment's states are read or written", () => {
  for (const sid of ["ReadDigests", "LockStates"]) {
    expect(statement(sid).Condition).toEqual({
      "ForAllValues:StringLike": {
        "dynamodb:LeadingKeys": `inventory-dev-terraform-state-${PSEUDO["AWS::AccountId"]}/dev/*`,
      },
      Null: { "dynamodb:LeadingKeys": "false" },
    });
  }
});

test("images are pulled from the environment that they are promoted from, if there is one", () => {
  expect(statement("PullPromotedImages").Resource).toEqual([
    "arn:aws:ecr:*:222222222222:repository/inventory-dev",
    "arn:aws:ecr:*:222222222222:repository/inventory-dev-*",
  ]);
  expect(statements({}).map(({ Sid }) => Sid)).not.toContain("PullPromotedImages");
});

describe("a resource that keeps data", () => {
  /** The actions that the policies of a role allow. Deny statements are not evaluated. */
  const actionsOf = (role: string, options: Options) => {
    const attached = made(options)[role]?.Properties.ManagedPolicyArns as string[];
    return attached.flatMap((arn) =>
      statements(options)
        .filter(({ policy, Effect }) => `<${policy}>` === arn && Effect === "Allow")
        .flatMap(({ Action }) => listed(Action)),
    );
  };
  const ofData =
    /^(dynamodb:(Create|Delete|Update)(Table|ContinuousBackups|TimeToLive)|ecr:(Create|Delete|Set)Repository(Policy)?|ecr:(Put|Delete)LifecyclePolicy)$/;
  const deploys = (options: Options) =>
    actionsOf("DeployRole", options).filter((action) => ofData.test(action));

  test("is out of the deploy role's reach in a protected environment", () => {
    expect(deploys({ ...PROMOTES, Protected: "true" })).toEqual([]);
    expect(deploys({ ...PROMOTES, Protected: "false" })).toHaveLength(11);
  });

  test("is in the reach of the data role, which CI cannot take", () => {
    const { DataRole } = made();
    expect(actionsOf("DataRole", PROMOTES).filter((action) => ofData.test(action))).toHaveLength(
      11,
    );
    expect(DataRole?.Properties.AssumeRolePolicyDocument).toMatchObject({
      Statement: [
        {
          Principal: { AWS: `arn:aws:iam::${PSEUDO["AWS::AccountId"]}:root` },
          Action: "sts:AssumeRole",
        },
      ],
    });
    const assuming = statements().filter(({ Action }) => listed(Action).includes("sts:AssumeRole"));
    expect(assuming).toEqual([]);
  });

  test.each(["true", "false"])(
    "tags, scans and images stay as they are, Protected: %s",
    (Protected) => {
      const all = statements({ ...PROMOTES, Protected }).flatMap(({ Action }) => listed(Action));
      for (const action of [
        "ecr:PutImageTagMutability",
        "ecr:PutImageScanningConfiguration",
        "ecr:BatchDeleteImage",
        "dynamodb:DeleteBackup",
      ]) {
        expect(all).not.toContain(action);
      }
    },
  );

  test("the deploy role does not change where states are kept", () => {
    const actions = actionsOf("DeployRole", PROMOTES);
    expect(
      actions.filter((action) =>
        /^(s3:(Create|PutBucket|PutEnc|PutLife)|kms:(Create|Tag|Enable|Update|Put))/.test(action),
      ),
    ).toEqual([]);
    const { Condition, Action, Resource } = statement("KeepLockTable");
    expect(Condition).toBeUndefined();
    expect(Action).toEqual(statement("ChangeTables").Action);
    expect(Resource).toMatch(/table\/inventory-dev-terraform-locks$/);
  });
});

test("no permission for keys and scalable targets depends on tags that the role can add to existing ones", () => {
  const onKeys = statements().filter(
    ({ Effect, Resource }) =>
      Effect === "Allow" && listed(Resource).some((arn) => arn.includes(":key/")),
  );
  expect(JSON.stringify(onKeys)).not.toContain("aws:ResourceTag");
  for (const sid of ["DecryptStates", "EncryptStates", "ReadStateKey"]) {
    expect(statement(sid).Condition).toMatchObject({
      "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/inventory-dev-terraform-state" },
    });
  }
  expect(JSON.stringify(statements())).not.toContain("StringEqualsIfExists");
  expect(statement("TagNewScalableTargets").Resource).toMatch(/:scalable-target\/\$\{\*\}$/);
});

test("a task has all its permissions only in the platform's VPC", () => {
  const boundary = policies().find(({ id }) => id === "TaskBoundary")?.document.Statement ?? [];
  const allows = boundary.filter(({ Effect }) => Effect === "Allow");
  expect(allows.length).toBeGreaterThan(3);
  for (const { Condition } of allows) {
    expect(Condition).toEqual({ StringEquals: { "aws:SourceVpc": "vpc-0a1b2c3d" } });
  }
});

test("each role trusts one role of the tooling account, whether that is there yet or not", () => {
  const { DeployRole, PlanRole } = made();
  for (const [role, trusted] of [
    [DeployRole, "github-inventory-dev"],
    [PlanRole, "github-inventory-dev-plan"],
  ] as const) {
    expect(role?.Properties.MaxSessionDuration).toBe(3600);
    expect(role?.Properties.AssumeRolePolicyDocument).toMatchObject({
      Statement: [
        {
          Effect: "Allow",
          Action: "sts:AssumeRole",
          Principal: { AWS: `arn:aws:iam::${TOOLING}:root` },
          Condition: {
            ArnEquals: { "aws:PrincipalArn": `arn:aws:iam::${TOOLING}:role/${trusted}` },
          },
        },
      ],
    });
  }
  expect(PlanRole?.Properties.ManagedPolicyArns).toEqual(["<ReadPolicy>"]);
});

test("the plan role only reads", () => {
  const read = policies().find(({ id }) => id === "ReadPolicy");
  const actions = read?.document.Statement.flatMap(({ Action }) => listed(Action)) ?? [];
  // ecr:BatchGetImage reads the image that has a tag.
  const reads = /:(Get|List|Describe|Decrypt|BatchGet)/;
  const others = actions.filter((action) => !reads.test(action));
  expect(others).toEqual([]);
  expect(actions).not.toContain("logs:GetLogEvents");
  expect(actions).not.toContain("secretsmanager:GetSecretValue");
});

test("the boundary knows no action that changes the account, and keeps off the lock table", () => {
  const boundary = policies().find(({ id }) => id === "TaskBoundary")?.document.Statement ?? [];
  const services = boundary.flatMap(({ Action }) => listed(Action)).map((a) => a.split(":")[0]);
  expect([...new Set(services)].sort()).toEqual(["dynamodb", "ecr", "logs", "secretsmanager"]);
  expect(boundary.find(({ Effect }) => Effect === "Deny")).toMatchObject({
    Action: "dynamodb:*",
    Resource: expect.stringMatching(/table\/inventory-dev-terraform-locks$/) as string,
  });
});

test("the README explains each statement of the deploy role", () => {
  const readme = readFileSync(join(__dirname, "..", "..", "foundation", "README.md"), "utf8");
  const [, section = ""] =
    /## What the deploy role may do([^]*?)\nThe \*\*boundary/.exec(readme) ?? [];
  const explained = [...section.matchAll(/`([A-Z][a-z]\w+)`/g)]
    .map(([, sid]) => sid)
    .filter((sid) => sid !== "Platform" && sid !== "Environment");
  const sids = statements()
    .filter(({ policy }) => policy !== "TaskBoundary")
    .map(({ Sid }) => Sid);
  expect(explained).toEqual(expect.arrayContaining(sids));
  expect(explained).toHaveLength(sids.length);
});
