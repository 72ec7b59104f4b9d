import { type PolicyDocument, PSEUDO, resourcesOf } from "../support/cloudformation";

const ACCOUNT = PSEUDO["AWS::AccountId"];
const REGION = PSEUDO["AWS::Region"];
const resources = resourcesOf("network.yaml", { Name: "dev" });

interface Call {
  readonly action: string;
  readonly resource: string;
  /** The account of the caller. @default - the caller is unknown to IAM */
  readonly caller?: string;
  /** The account of the resource. */
  readonly owner?: string;
}

/** Whether an endpoint allows a call. All its statements are Allow statements. */
function letsThrough(endpoint: string, { action, resource, caller, owner }: Call) {
  const { Statement } = resources[endpoint]?.Properties.PolicyDocument as PolicyDocument;
  const context: Record<string, string | undefined> = {
    "aws:PrincipalAccount": caller,
    "aws:ResourceAccount": owner,
  };
  return Statement.some(
    ({ Effect, Action, Resource, Condition = {} }) =>
      Effect === "Allow" &&
      [Action].flat().some((pattern) => like(pattern, action)) &&
      [Resource].flat().some((pattern) => like(pattern ?? "", resource)) &&
      Object.entries(Condition.StringEquals ?? {}).every(([key, value]) => context[key] === value),
  );
}

const like = (pattern: string, text: string) =>
  new RegExp(`^${pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`).test(
    text,
  );

const own = { caller: ACCOUNT, owner: ACCOUNT };
const others = { caller: ACCOUNT, owner: "999999999999" };
const layers = `arn:aws:s3:::prod-${REGION}-starport-layer-bucket/layer`;
const table = (account: string) =>
  `arn:aws:dynamodb:${REGION}:${account}:table/inventory-dev-items`;
const repository = (account: string) => `arn:aws:ecr:${REGION}:${account}:repository/inventory-dev`;
const logGroup = (account: string) =>
  `arn:aws:logs:${REGION}:${account}:log-group:/ecs/inventory-dev:log-stream:ecs`;

test.each<[string, Call]>([
  ["S3Endpoint", { action: "s3:GetObject", resource: layers }],
  ["S3Endpoint", { action: "s3:PutObject", resource: "arn:aws:s3:::tap-dev-trades/1", ...own }],
  ["S3Endpoint", { action: "s3:ListBucket", resource: "arn:aws:s3:::tap-dev-trades", ...own }],
  ["DynamoDbEndpoint", { action: "dynamodb:GetItem", resource: table(ACCOUNT), ...own }],
  [
    "DynamoDbEndpoint",
    { action: "dynamodb:Query", resource: `${table(ACCOUNT)}/index/by-quantity`, ...own },
  ],
  ["EcrApiEndpoint", { action: "ecr:GetAuthorizationToken", resource: "*", ...own }],
  ["EcrApiEndpoint", { action: "ecr:BatchGetImage", resource: repository(ACCOUNT), ...own }],
  ["EcrDkrEndpoint", { action: "ecr:BatchGetImage", resource: repository(ACCOUNT), ...own }],
  ["LogsEndpoint", { action: "logs:PutLogEvents", resource: logGroup(ACCOUNT), ...own }],
])("%s lets through what a task needs: %j", (endpoint, call) => {
  expect(letsThrough(endpoint, call)).toBe(true);
});

test.each<[string, Call]>([
  ["S3Endpoint", { action: "s3:PutObject", resource: layers, ...own }],
  ["S3Endpoint", { action: "s3:PutObject", resource: "arn:aws:s3:::evil-dev-x/1", ...others }],
  ["S3Endpoint", { action: "s3:GetObject", resource: "arn:aws:s3:::tap-dev-trades/1" }],
  [
    "S3Endpoint",
    {
      action: "s3:GetObject",
      resource: "arn:aws:s3:::tap-dev-trades/1",
      caller: "999999999999",
      owner: ACCOUNT,
    },
  ],
  ["S3Endpoint", { action: "s3:GetObject", resource: "arn:aws:s3:::tap-prod-trades/1", ...own }],
  ["S3Endpoint", { action: "s3:PutBucketPolicy", resource: "arn:aws:s3:::tap-dev-x", ...own }],
  ["DynamoDbEndpoint", { action: "dynamodb:PutItem", resource: table("999999999999"), ...others }],
  [
    "DynamoDbEndpoint",
    { action: "dynamodb:PutItem", resource: table(ACCOUNT), caller: "999999999999" },
  ],
  ["EcrApiEndpoint", { action: "ecr:BatchGetImage", resource: repository("999999999999"), ...own }],
  ["EcrDkrEndpoint", { action: "ecr:PutImage", resource: repository(ACCOUNT), ...own }],
  ["LogsEndpoint", { action: "logs:PutLogEvents", resource: logGroup("999999999999"), ...own }],
  ["LogsEndpoint", { action: "logs:DeleteLogGroup", resource: logGroup(ACCOUNT), ...own }],
])("%s lets nothing else through: %j", (endpoint, call) => {
  expect(letsThrough(endpoint, call)).toBe(false);
});

test("each endpoint has a policy", () => {
  const endpoints = Object.values(resources).filter(({ Type }) => Type === "AWS::EC2::VPCEndpoint");
  expect(endpoints).toHaveLength(5);
  for (const { Properties } of endpoints) expect(Properties.PolicyDocument).toBeDefined();
});

test("all traffic of the VPC is logged, for a limited time, by a role that writes this log alone", () => {
  expect(resources.FlowLog?.Properties).toMatchObject({
    ResourceId: "<Vpc>",
    ResourceType: "VPC",
    TrafficType: "ALL",
    LogGroupName: "<FlowLogGroup>",
  });
  expect(resources.FlowLogGroup?.Properties).toEqual({
    LogGroupName: "/vpc/dev",
    RetentionInDays: "30",
  });
  const [policy] = resources.FlowLogRole?.Properties.Policies as {
    PolicyDocument: PolicyDocument;
  }[];
  expect(policy?.PolicyDocument.Statement.map(({ Resource }) => Resource)).toEqual([
    `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/vpc/dev:*`,
  ]);
});

test("no subnet gives public addresses by itself", () => {
  const subnets = Object.values(resources).filter(({ Type }) => Type === "AWS::EC2::Subnet");
  expect(subnets).toHaveLength(6);
  for (const { Properties } of subnets) expect(Properties.MapPublicIpOnLaunch).toBeUndefined();
});
