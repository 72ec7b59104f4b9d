import { readFileSync } from "node:fs";
import { prod } from "../../environments/prod";
import { platform as inventory } from "../../platforms/inventory/platform";
import { synthesizedStates } from "../support/app";
import { type PolicyDocument, resourcesOf, type Statement } from "../support/cloudformation";

// Checks the statements of docs/security.md about AWS's controls against the states of prod and the
// Day-0 templates.

type Config = Readonly<Record<string, unknown>>;

const states = Object.values(synthesizedStates(inventory, [prod]));

/** All resources of a type, in all states. */
const all = (type: string): readonly Config[] =>
  states.flatMap(({ resource }) => Object.values(resource[type] ?? {}));

/** The resources of a type. There must be at least one. */
function some(type: string) {
  const found = all(type);
  if (found.length === 0) throw new Error(`the states of prod have no ${type}`);
  return found;
}

const parameters = {
  "network.yaml": { Name: "prod" },
  "delivery.yaml": {
    Platform: "inventory",
    Environment: "prod",
    Protected: "true",
    ToolingAccount: "999999999999",
    VpcId: "vpc-1",
    PrivateSubnetIds: "subnet-1",
  },
  "github.yaml": {
    Platform: "inventory",
    GitHubOrganization: "acme",
    GitHubRepository: "shop",
    GitHubRepositoryId: "1",
    DevAccount: "111111111111",
    StagingAccount: "222222222222",
    ProdAccount: "333333333333",
  },
  "backup.yaml": { Platform: "inventory", Environment: "prod" },
};

const dayZero = Object.entries(parameters).flatMap(([template, given]) =>
  Object.values(resourcesOf(template, given)),
);

const made = (type: string) => dayZero.filter(({ Type }) => Type === type);

const statementsOf = (document: unknown) => [(document as PolicyDocument).Statement].flat();

interface InlinePolicy {
  readonly PolicyDocument: unknown;
}

const managedPolicies: readonly Statement[] = [
  ...made("AWS::IAM::ManagedPolicy").flatMap(({ Properties }) =>
    statementsOf(Properties.PolicyDocument),
  ),
  ...all("aws_iam_policy").flatMap(({ policy }) => statementsOf(JSON.parse(policy as string))),
];

const inlinePolicies: readonly Statement[] = [
  ...made("AWS::IAM::Role").flatMap(({ Properties }) =>
    ((Properties.Policies ?? []) as readonly InlinePolicy[]).flatMap(({ PolicyDocument }) =>
      statementsOf(PolicyDocument),
    ),
  ),
  ...some("aws_iam_role_policy").flatMap(({ policy }) =>
    statementsOf(JSON.parse(policy as string)),
  ),
];

const allowed = (statements: readonly Statement[]) =>
  statements.filter(({ Effect }) => Effect === "Allow");
/**
 * Whether a statement allows decrypting with any key, without a condition on the alias of the key.
 */
const decryptsAnything = (statements: readonly Statement[]) =>
  allowed(statements).some(
    ({ Action, Resource = "", Condition = {} }) =>
      [Action]
        .flat()
        .some((each) => /^(\*|kms:(\*|Decrypt|ReEncrypt\*?|ReEncryptFrom))$/.test(each)) &&
      [Resource].flat().some((each) => each === "*" || each.endsWith(":key/*")) &&
      !JSON.stringify(Condition).includes("kms:ResourceAliases"),
  );

const taskDefinitions = some("aws_ecs_task_definition");
const containers = taskDefinitions.map(
  ({ container_definitions }) => container_definitions as string,
);
const every = (things: readonly Config[], fields: Config) =>
  things.every((thing) =>
    Object.entries(fields).every(
      ([name, value]) => JSON.stringify(thing[name]) === JSON.stringify(value),
    ),
  );

const [statePolicy] = some("aws_s3_bucket_policy").map(({ policy }) =>
  statementsOf(JSON.parse(policy as string)),
);
const ingressFromAnywhere = all("aws_vpc_security_group_ingress_rule").filter(
  ({ cidr_ipv4, cidr_ipv6 }) => cidr_ipv4 === "0.0.0.0/0" || cidr_ipv6 === "::/0",
);
const dayZeroIngress = JSON.stringify([
  ...made("AWS::EC2::SecurityGroup").map(({ Properties }) => Properties.SecurityGroupIngress),
  ...made("AWS::EC2::SecurityGroupIngress").map(({ Properties }) => Properties),
]);
const blocksPublicAccess = () =>
  some("aws_s3_bucket_public_access_block").length === some("aws_s3_bucket").length &&
  every(some("aws_s3_bucket_public_access_block"), {
    block_public_acls: true,
    block_public_policy: true,
    ignore_public_acls: true,
    restrict_public_buckets: true,
  });
const hasEndpoint = (service: string) =>
  made("AWS::EC2::VPCEndpoint").some(({ Properties }) =>
    String(Properties.ServiceName).endsWith(`.${service}`),
  );

/** One check for each control that the page calls met by default. */
const checks: Readonly<Record<string, () => boolean>> = {
  "ECS.1": () => every(taskDefinitions, { network_mode: "awsvpc" }),
  "ECS.2": () =>
    some("aws_ecs_service").every(
      ({ network_configuration }) =>
        (network_configuration as { assign_public_ip?: boolean }).assign_public_ip === false,
    ),
  "ECS.3": () => taskDefinitions.every(({ pid_mode }) => pid_mode === undefined),
  "ECS.4": () => containers.every((text) => !text.includes('"privileged"')),
  "ECS.5": () => containers.every((text) => text.includes('"readonlyRootFilesystem" = true')),
  "ECS.8": () =>
    containers.every(
      (text) => !/"name" = "\w*(SECRET|PASSWORD|ACCESS_KEY|PRIVATE_KEY|TOKEN)/i.test(text),
    ),
  "ECS.9": () => containers.every((text) => text.includes('"logDriver" = "awslogs"')),
  "ECS.10": () =>
    some("aws_ecs_service").every(
      ({ platform_version = "LATEST" }) => platform_version === "LATEST",
    ),
  "ECS.12": () =>
    every(some("aws_ecs_cluster"), { setting: [{ name: "containerInsights", value: "enabled" }] }),
  "ECS.16": () => all("aws_ecs_task_set").length === 0,
  "ELB.4": () => every(some("aws_lb"), { drop_invalid_header_fields: true }),
  "ELB.12": () => every(some("aws_lb"), { desync_mitigation_mode: "defensive" }),
  "ELB.13": () =>
    every(some("aws_lb"), { subnets: "${var.public_subnet_ids}" }) &&
    states.some(
      ({ variable }) => new Set(variable.public_subnet_ids?.default as string[]).size >= 2,
    ),
  "ECR.1": () =>
    every(some("aws_ecr_repository"), { image_scanning_configuration: { scan_on_push: true } }),
  "ECR.2": () => every(some("aws_ecr_repository"), { image_tag_mutability: "IMMUTABLE" }),
  "ECR.3": () => some("aws_ecr_lifecycle_policy").length === some("aws_ecr_repository").length,
  "DynamoDB.1": () => every(some("aws_dynamodb_table"), { billing_mode: "PAY_PER_REQUEST" }),
  "DynamoDB.2": () =>
    every(some("aws_dynamodb_table"), { point_in_time_recovery: { enabled: true } }),
  "S3.2": blocksPublicAccess,
  "S3.3": blocksPublicAccess,
  "S3.5": () =>
    statePolicy?.some(
      ({ Effect, Condition }) =>
        Effect === "Deny" && Condition?.Bool?.["aws:SecureTransport"] === "false",
    ) === true,
  "S3.6": () => allowed(statePolicy ?? []).length === 0,
  "S3.8": blocksPublicAccess,
  "S3.12": () =>
    every(some("aws_s3_bucket_ownership_controls"), {
      rule: { object_ownership: "BucketOwnerEnforced" },
    }),
  "S3.13": () =>
    some("aws_s3_bucket_lifecycle_configuration").length === some("aws_s3_bucket").length,
  "IAM.1": () =>
    allowed([...managedPolicies, ...inlinePolicies]).every(
      ({ Action, Resource }) => ![Action].flat().includes("*") || ![Resource].flat().includes("*"),
    ),
  "IAM.2": () => made("AWS::IAM::User").length + all("aws_iam_user").length === 0,
  "IAM.21": () =>
    allowed(managedPolicies).every(({ Action }) =>
      [Action].flat().every((action) => !/^[\w-]+:\*$/.test(action)),
    ),
  "KMS.1": () => !decryptsAnything(managedPolicies),
  "KMS.2": () => !decryptsAnything(inlinePolicies),
  "KMS.3": () =>
    every(some("aws_kms_key"), { deletion_window_in_days: 30 }) &&
    some("aws_kms_key").every(
      ({ lifecycle }) => (lifecycle as { prevent_destroy?: boolean }).prevent_destroy === true,
    ),
  "KMS.5": () =>
    all("aws_kms_key_policy").length === 0 && every(some("aws_kms_key"), { policy: undefined }),
  "EC2.6": () =>
    made("AWS::EC2::FlowLog").length === 1 &&
    made("AWS::EC2::FlowLog")[0]?.Properties.TrafficType === "ALL",
  "EC2.15": () =>
    made("AWS::EC2::Subnet").length > 0 &&
    made("AWS::EC2::Subnet").every(({ Properties }) => Properties.MapPublicIpOnLaunch !== true),
  "EC2.16": () => made("AWS::EC2::NetworkAcl").length + all("aws_network_acl").length === 0,
  "EC2.18": () =>
    every(ingressFromAnywhere, { from_port: 80, to_port: 80 }) &&
    !dayZeroIngress.includes("0.0.0.0/0"),
  "EC2.19": () =>
    ingressFromAnywhere.every(({ from_port, to_port }) => from_port === 80 && to_port === 80),
  "EC2.55": () => hasEndpoint("ecr.api"),
  "EC2.56": () => hasEndpoint("ecr.dkr"),
};

interface Row {
  readonly control: string;
  readonly here: string;
}

const rows: readonly Row[] =
  readFileSync("docs/security.md", "utf8")
    .split(/^## AWS Foundational.*$/m)[1]
    ?.split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map(([, control = "", , here = ""]) => ({ control, here }))
    .filter(({ control }) => control !== "Control" && !control.startsWith("-")) ?? [];

test("each row says whether the control is met, and by what or why not", () => {
  expect(rows.length).toBeGreaterThan(50);
  for (const { control, here } of rows) {
    expect([control, here]).toEqual([
      control,
      expect.stringMatching(
        /^(Met by default|Met by option `\w+`|Not met: .|No such resource is deployed)/,
      ),
    ]);
  }
});

const byDefault = rows
  .filter(({ here }) => here.startsWith("Met by default"))
  .map(({ control }) => control);

test("there are policies to look at", () => {
  expect(allowed(managedPolicies).length).toBeGreaterThan(10);
  expect(allowed(inlinePolicies).length).toBeGreaterThan(5);
});

test("exactly the controls that are met by default are checked", () => {
  expect(byDefault.sort()).toEqual(Object.keys(checks).sort());
});

test.each(Object.entries(checks))("%s is met by default", (_, holds) => {
  expect(holds()).toBe(true);
});

test.each([
  ["ELB.6", "aws_lb", "enable_deletion_protection"],
  ["DynamoDB.6", "aws_dynamodb_table", "deletion_protection_enabled"],
])("%s is met by deletionProtection, which prod sets", (control, type, field) => {
  expect(rows.find((row) => row.control === control)?.here).toMatch(
    /^Met by option `deletionProtection`/,
  );
  expect(every(some(type), { [field]: true })).toBe(true);
});
