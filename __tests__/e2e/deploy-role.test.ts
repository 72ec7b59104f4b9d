import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import { CreateSecurityGroupCommand } from "@aws-sdk/client-ec2";
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { DescribeTaskDefinitionCommand, ECSClient } from "@aws-sdk/client-ecs";
import { CreateKeyCommand, DescribeKeyCommand } from "@aws-sdk/client-kms";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { App } from "cdktf";
import type { Network } from "../../model/network";
import type { Platform } from "../../model/platform";
import type { Service } from "../../model/service";
import { local, LOCAL_ACCOUNT, LOCAL_REGION } from "../../environments/local";
import { clientConfig, type LocalAws } from "../../local/emulator/aws";
import { assumeTaskRole, iamAccesses } from "../../local/emulator/control";
import { createStack } from "../../local/deploy/stack";
import { publishImage } from "../../local/images/publish-image";
import { changedContext } from "./support/changed-context";
import { startPlatform, type StartedPlatform } from "../../local/start";
import { platform as inventory } from "../../platforms/inventory/platform";
import { addStates } from "../../stacks";
import {
  assume,
  assumeWithToken,
  claimsOf,
  createCiRoles,
  signInAsCi,
} from "./support/deploy-role/ci";
import { clientsOf, OF_OTHERS, type Others, TO_BE_MORE } from "./support/deploy-role/forbidden";
import { createLiveData, LIVE_TABLE, WITH_DATA } from "./support/deploy-role/forbidden-data";
import {
  BOUNDARY,
  DATA_ROLE,
  DEPLOY_ROLE,
  LOCK_TABLE,
  PLAN_ROLE,
  STATE_BUCKET,
  STATES,
} from "./support/deploy-role/names";
import { createRole, type Statement, statementsOf } from "./support/deploy-role/role-statements";
import { RoleTerraform } from "./support/deploy-role/role-terraform";
import { STEPS } from "./support/deploy-role/steps";
import { TestProcess } from "./support/processes";
import { rawCall } from "./support/raw-call";
import { synthesizedApp } from "../support/synthesized-app";
import { WHOLE_FOLDER } from "./support/test-image";

// All tests share one platform, which the role deploys. They run in the order of its life.
let platform: StartedPlatform;
/** The Day-0 network. */
let network: Network;
/** The account's root, and the deploy role as CI assumes it. */
let root: LocalAws;
let deployer: LocalAws;
let statements: readonly Statement[];
/** The statements of the data role, for actions that the deploy role may not perform. */
let statementsOfData: readonly Statement[];
const directory = mkdtempSync(join(tmpdir(), "deploy-role-"));

const [api] = inventory.services as [Service];

/** The inventory platform with a secret and a second service, so that the roles need all of their permissions. */
const extended: Platform = {
  ...inventory,
  services: [
    { ...api, environment: { ...api.environment, TOKEN: { kind: "secret", secret: "token" } } },
    {
      ...api,
      name: "caller",
      route: undefined,
      // Without tables, the API keeps its items in memory.
      grants: [],
      connections: [{ service: api.name, variable: "INVENTORY_URL" }],
    },
  ],
  secrets: [{ name: "token" }],
};

/** Synthesizes the local environment under the name of one that foundation/github.yaml knows. */
function synthesizeDev(made: Network, outdir: string) {
  network = made;
  const app = new App({ outdir });
  addStates(app, { platform: extended, environment: { ...local(made), name: "dev" } });
  app.synth();
}

beforeAll(async () => {
  platform = await startPlatform({
    accountId: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    delivery: {
      Platform: inventory.name,
      Environment: "dev",
      Protected: "false",
      PromotesFromAccount: LOCAL_ACCOUNT,
      PromotesFromEnvironment: "sandbox",
    },
    signIn: async (aws) => {
      await createCiRoles(aws, inventory.name);
      deployer = await signInAsCi(aws, "dev", DEPLOY_ROLE);
      return deployer.credentials;
    },
    signInForBackend: async (aws) => (await assume(aws, DATA_ROLE)).credentials,
    synthesize: synthesizeDev,
    secrets: extended.secrets,
    root: resolve("."),
    directory,
    signal: new AbortController().signal,
  });
  root = platform.aws;
  statements = await statementsOf(root, DEPLOY_ROLE);
  statementsOfData = await statementsOf(root, DATA_ROLE);
}, 400_000);

afterAll(async () => {
  await (platform as StartedPlatform | undefined)?.aws.stop();
  rmSync(directory, { recursive: true, force: true });
});

const accessesOf = async (role: string) => {
  const accesses = await iamAccesses(root);
  return accesses.filter(({ principal }) => principal.endsWith(`/${role}`));
};

const refusedTo = async (role: string) =>
  (await accessesOf(role)).filter(({ allowed }) => !allowed).map(({ action }) => action);

const terraform = (who: LocalAws = deployer) => new RoleTerraform(platform, who);

/** One of the commands that CI runs, with a given role. */
function script(who: LocalAws, name: string, ...args: readonly string[]) {
  // The image comes from an argument or from the deployed output.
  const env = { ...terraform(who).env, TF_VAR_image_tag: undefined };
  return new TestProcess(
    resolve("node_modules/.bin/tsx"),
    [resolve(`scripts/${name}.ts`), ...args, ...synthesizedApp(platform.layout.run)],
    { env },
  );
}

test("the data role makes the backend, and is refused nothing on the way", async () => {
  const accesses = await accessesOf(DATA_ROLE);
  expect(accesses.map(({ action }) => action)).toEqual(
    expect.arrayContaining(["kms:CreateKey", "s3:CreateBucket", "dynamodb:CreateTable"]),
  );
  expect(accesses.filter(({ allowed }) => !allowed)).toEqual([]);
});

test("the deploy role deploys everything else, and is refused nothing on the way", async () => {
  const accesses = await accessesOf(DEPLOY_ROLE);
  expect(accesses.length).toBeGreaterThan(100);
  expect(accesses.filter(({ allowed }) => !allowed)).toEqual([]);
  const health = await fetch(`${platform.aws.loadBalancers.url("inventory-dev", 80) ?? ""}/health`);
  expect(health.status).toBe(200);
});

describe("trust of the CI roles", () => {
  test.each(["dev", "dev-plan", "staging", "staging-plan", "prod", "prod-plan"])(
    "a job of the GitHub environment %s, whether its token bears ids or names alone",
    async (environment) => {
      const claims = claimsOf(environment);
      const role = `github-inventory-${environment}`;
      await assumeWithToken(root, role, claims);
      const sub = `repo:acme@1001/shop@2002:environment:${environment}`;
      await assumeWithToken(root, role, { ...claims, sub });
    },
  );

  test.each([
    ["another environment", { sub: "repo:acme/shop:environment:prod" }],
    ["the plans of the same environment", { sub: "repo:acme/shop:environment:dev-plan" }],
    ["an environment whose name begins alike", { sub: "repo:acme/shop:environment:dev2" }],
    ["no environment", { sub: "repo:acme/shop:ref:refs/heads/main" }],
    ["a pull request", { sub: "repo:acme/shop:pull_request" }],
    ["another repository", { sub: "repo:acme/other:environment:dev" }],
    ["another owner", { sub: "repo:evil/shop:environment:dev" }],
    ["names spelled otherwise", { sub: "repo:Acme/shop:environment:dev" }],
    ["a wildcard", { sub: "repo:acme/*:environment:dev" }],
    ["everything", { sub: "*" }],
    ["another owner of the old name", { sub: "repo:acme@6666/shop@2002:environment:dev" }],
    ["another repository of the old name", { sub: "repo:acme@1001/shop@6666:environment:dev" }],
    ["names that contain more", { sub: "repo:acme/shop:environment:dev:environment:dev" }],
    ["another repository of the same names", { repository_id: "6666" }],
    ["no repository", { repository_id: undefined }],
    ["another branch", { ref: "refs/heads/mine" }],
    ["a pull request's branch", { ref: "refs/pull/7/merge" }],
    ["no branch", { ref: undefined }],
    ["another audience", { aud: "https://github.com/acme" }],
    ["a time that has passed", { exp: Math.floor(Date.now() / 1000) - 60 }],
  ])("and no token of %s", async (_, wrong) => {
    await expect(
      assumeWithToken(root, "github-inventory-dev", { ...claimsOf("dev"), ...wrong }),
    ).rejects.toThrow(/Not authorized|Incorrect token audience|Token must be valid/);
  });

  test.each([
    ["dev-plan", DEPLOY_ROLE],
    ["dev", PLAN_ROLE],
    ["prod", DEPLOY_ROLE],
    ["prod-plan", PLAN_ROLE],
    ["dev", DATA_ROLE],
    ["dev-plan", DATA_ROLE],
  ])("the CI role of %s may not assume %s", async (environment, role) => {
    await expect(signInAsCi(root, environment, role)).rejects.toThrow(
      /not authorized to perform: sts:AssumeRole/,
    );
  });

  test("no other principal of the account may assume the deploy role, even with permission", async () => {
    await createRole(root, "somebody", [
      { Sid: "All", Effect: "Allow", Action: "*", Resource: "*" },
    ]);
    await expect(assume(await assume(root, "somebody"), DEPLOY_ROLE)).rejects.toThrow(
      /not authorized to perform: sts:AssumeRole/,
    );
  });
});

test("the plan role plans all states, changes nothing, and is refused nothing", async () => {
  const planner = await signInAsCi(root, "dev-plan", PLAN_ROLE);
  const plan = script(planner, "plan", "dev");
  expect([await plan.ended(), plan.output]).toEqual([0, expect.stringContaining("dev-iam")]);
  const accesses = await accessesOf(PLAN_ROLE);
  expect(accesses.filter(({ allowed }) => !allowed)).toEqual([]);
  const writes = accesses.filter(
    ({ action }) => !/:(Get|List|Describe|Decrypt|BatchGet)/.test(action),
  );
  expect(writes).toEqual([]);
}, 180_000);

test("the plan role reads neither items nor logs, and takes no lock", async () => {
  const config = clientConfig(await signInAsCi(root, "dev-plan", PLAN_ROLE));
  const dynamodb = new DynamoDBClient(config);
  const Key = { id: { S: "1" } };
  const lock = { LockID: { S: `${STATE_BUCKET}/dev/ecr/terraform.tfstate` } };
  const refused = [
    () => dynamodb.send(new GetItemCommand({ TableName: "inventory-dev-items", Key })),
    () => dynamodb.send(new PutItemCommand({ TableName: LOCK_TABLE, Item: lock })),
    () =>
      new CloudWatchLogsClient(config).send(
        new GetLogEventsCommand({ logGroupName: "/ecs/inventory-dev", logStreamName: "ecs" }),
      ),
    () =>
      new S3Client({ ...config, forcePathStyle: true }).send(
        new PutObjectCommand({ Bucket: STATE_BUCKET, Key: "dev/ecr/terraform.tfstate.tflock" }),
      ),
  ];
  for (const request of refused) await expect(request()).rejects.toThrow(/not authorized/);
});

test("the deploy role deploys a new image by the command that CI runs", async () => {
  const tag = "a".repeat(40);
  await publishImage({
    aws: deployer,
    repositoryUrl: `${LOCAL_ACCOUNT}.dkr.ecr.${LOCAL_REGION}.amazonaws.com/inventory-dev`,
    tag,
    root: changedContext(join(directory, "changed")),
    source: WHOLE_FOLDER,
    imagesDirectory: platform.layout.images,
  });
  const args = ["dev", "--only", "ecs-service", "--image-tag", tag, "--auto-approve"];
  const deploy = script(deployer, "deploy", ...args);
  expect([await deploy.ended(), deploy.output]).toEqual([
    0,
    expect.stringContaining("Deployed dev-ecs-service."),
  ]);
  expect(await refusedTo(DEPLOY_ROLE)).toEqual([]);
}, 240_000);

test("the value of a secret is in no file, log, state or task definition", async () => {
  const { SecretString = "" } = await new SecretsManagerClient(clientConfig(root)).send(
    new GetSecretValueCommand({ SecretId: "inventory-dev-token" }),
  );
  expect(SecretString).toMatch(/^[0-9a-f]{32}$/);
  const { stdout } = spawnSync("grep", ["-rlF", "--", SecretString, directory], {
    encoding: "utf8",
  });
  expect(stdout).toBe("");
  const s3 = new S3Client({ ...clientConfig(root), forcePathStyle: true });
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: STATE_BUCKET }));
  expect(Contents.map(({ Key }) => Key)).toContain("dev/ecs-service/terraform.tfstate");
  for (const { Key } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: STATE_BUCKET, Key }));
    expect([Key, (await Body?.transformToString())?.includes(SecretString)]).toEqual([Key, false]);
  }
  const { taskDefinition } = await new ECSClient(clientConfig(root)).send(
    new DescribeTaskDefinitionCommand({ taskDefinition: "inventory-dev" }),
  );
  const [container] = taskDefinition?.containerDefinitions ?? [];
  expect(container?.secrets).toEqual([
    {
      name: "TOKEN",
      valueFrom: expect.stringMatching(/:secret:inventory-dev-token-\w{6}$/) as string,
    },
  ]);
  expect(JSON.stringify(taskDefinition)).not.toContain(SecretString);
});

/** Releases the locks that an interrupted run could not release. */
async function releaseLocks() {
  const dynamodb = new DynamoDBClient(clientConfig(root));
  const s3 = new S3Client({ ...clientConfig(root), forcePathStyle: true });
  for (const state of STATES) {
    const key = `dev/${state}/terraform.tfstate`;
    await dynamodb.send(
      new DeleteItemCommand({
        TableName: LOCK_TABLE,
        Key: { LockID: { S: `${STATE_BUCKET}/${key}` } },
      }),
    );
    await s3.send(new DeleteObjectCommand({ Bucket: STATE_BUCKET, Key: `${key}.tflock` }));
  }
}

describe("without one of its statements, a deploy role fails", () => {
  test("each of its statements that allows something is tried, and of the data role's", () => {
    const all = [...statements, ...statementsOfData];
    const allowing = all.filter(({ Effect }) => Effect === "Allow").map(({ Sid }) => Sid);
    expect(Object.keys(STEPS).sort()).toEqual([...new Set(allowing)].sort());
  });

  test.each(Object.keys(STEPS))(
    "%s",
    async (sid) => {
      const role = `without-${sid}`;
      const isOf = ({ Sid }: Statement) => Sid === sid;
      const all = statements.some(isOf) ? statements : statementsOfData;
      const missing = all.find(isOf);
      await createRole(
        root,
        role,
        all.filter((each) => !isOf(each)),
      );
      const without = await assume(root, role);
      await expect(STEPS[sid]?.(terraform(without), without)).rejects.toThrow(
        // For a request without a body in its answer, such as HEAD, AWS returns the status alone.
        /not authorized to perform|AccessDenied|Forbidden/,
      );
      await releaseLocks();
      const refused = await refusedTo(role);
      expect(refused).not.toEqual([]);
      expect([missing?.Action].flat()).toEqual(expect.arrayContaining(refused));
    },
    120_000,
  );

  test("KeepBackend: even to delete a state, once another statement allows it", async () => {
    const careless: Statement = { Sid: "All", Effect: "Allow", Action: "*", Resource: "*" };
    const Key = "dev/left-over/terraform.tfstate";
    const object = { Bucket: STATE_BUCKET, Key };
    const s3 = (who: LocalAws) => new S3Client({ ...clientConfig(who), forcePathStyle: true });
    await s3(root).send(new PutObjectCommand(object));
    await createRole(root, "careless", [...statements, careless]);
    await expect(
      s3(await assume(root, "careless")).send(new DeleteObjectCommand(object)),
    ).rejects.toThrow(/explicit deny/);
    await createRole(root, "without-KeepBackend", [
      ...statements.filter(({ Sid }) => Sid !== "KeepBackend"),
      careless,
    ]);
    await s3(await assume(root, "without-KeepBackend")).send(new DeleteObjectCommand(object));
  });

  test("with all statements, it completes what the other roles left", async () => {
    await terraform().apply("alb");
    await terraform().apply("ecs-service");
    for (const state of ["alb", "backend", "ecs-service"]) await terraform().plan(state);
  }, 180_000);
});

describe("actions that the deploy role may not perform", () => {
  let others: Others;

  beforeAll(async () => {
    const { ec2, kms } = clientsOf(root);
    const { vpcId, privateSubnetIds, endpointSecurityGroupId } = network;
    const { GroupId } = await ec2.send(
      new CreateSecurityGroupCommand({
        GroupName: "prod",
        Description: "of another environment",
        VpcId: vpcId,
        TagSpecifications: [
          {
            ResourceType: "security-group",
            Tags: [
              { Key: "Platform", Value: "inventory" },
              { Key: "Environment", Value: "prod" },
            ],
          },
        ],
      }),
    );
    const other = await kms.send(
      new CreateKeyCommand({ Tags: [{ TagKey: "Platform", TagValue: "shop" }] }),
    );
    const untagged = await kms.send(new CreateKeyCommand({}));
    const target = await rawCall(
      root,
      "application-autoscaling",
      "AnyScaleFrontendService.RegisterScalableTarget",
      {
        ServiceNamespace: "dynamodb",
        ScalableDimension: "dynamodb:table:ReadCapacityUnits",
        ResourceId: "table/somebody",
        MinCapacity: 1,
        MaxCapacity: 2,
      },
    );
    const own = await kms.send(
      new DescribeKeyCommand({ KeyId: "alias/inventory-dev-terraform-state" }),
    );
    others = {
      vpcId,
      subnetId: privateSubnetIds[0] ?? "",
      endpointSecurityGroupId,
      securityGroupId: GroupId ?? "",
      publicSubnetId: network.publicSubnetIds[0] ?? "",
      keyId: other.KeyMetadata?.KeyId ?? "",
      untaggedKeyId: untagged.KeyMetadata?.KeyId ?? "",
      untaggedTargetArn: String(target.ScalableTargetARN),
      stateKeyId: own.KeyMetadata?.KeyId ?? "",
    };
  });

  test.each([...OF_OTHERS, ...TO_BE_MORE])("%s (%s)", async (_, action, attempt) => {
    await expect(attempt(clientsOf(deployer), others)).rejects.toThrow(
      new RegExp(`not authorized to perform: ${action} `),
    );
  });
});

test("a task's role is useless outside the platform's network, even if it trusts another account", async () => {
  const iam = new IAMClient(clientConfig(deployer));
  const RoleName = "inventory-dev-outside-task";
  const policy = (statement: object) =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
  await iam.send(
    new CreateRoleCommand({
      RoleName,
      PermissionsBoundary: BOUNDARY,
      AssumeRolePolicyDocument: policy({
        Principal: {
          AWS: "arn:aws:iam::999999999999:root",
          Service: "ecs-tasks.amazonaws.com",
        },
        Action: "sts:AssumeRole",
      }),
    }),
  );
  await iam.send(
    new PutRolePolicyCommand({
      RoleName,
      PolicyName: "everything",
      PolicyDocument: policy({ Action: "dynamodb:*", Resource: "*" }),
    }),
  );
  // The root of this account replaces the other account, which does not exist locally.
  const outside = await assume(root, RoleName);
  const read = (aws: LocalAws) =>
    new DynamoDBClient(clientConfig(aws)).send(
      new GetItemCommand({ TableName: "inventory-dev-items", Key: { id: { S: "1" } } }),
    );
  await expect(read(outside)).rejects.toThrow(
    /no permissions boundary allows the dynamodb:GetItem/,
  );

  const ofTask = await assumeTaskRole(root, {
    roleArn: `arn:aws:iam::${LOCAL_ACCOUNT}:role/${RoleName}`,
    taskArn: `arn:aws:ecs:${LOCAL_REGION}:${LOCAL_ACCOUNT}:task/inventory-dev/1`,
    subnetId: network.privateSubnetIds[0] ?? "",
  });
  if (!ofTask) throw new Error(`${RoleName} was not assumed`);
  const { accessKeyId, secretAccessKey, sessionToken } = ofTask;
  await read({ ...root, credentials: { accessKeyId, secretAccessKey, sessionToken } });
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "everything" }));
  await iam.send(new DeleteRoleCommand({ RoleName }));
});

describe("in a protected environment", () => {
  let protectedDeployer: LocalAws;

  beforeAll(async () => {
    const parameters = {
      Platform: inventory.name,
      Environment: "live",
      Protected: "true",
      ToolingAccount: LOCAL_ACCOUNT,
      VpcId: network.vpcId,
      PrivateSubnetIds: network.privateSubnetIds.join(","),
    };
    await createStack(root, "delivery", parameters, "foundation-delivery-live");
    await createRole(root, "live-deployer", await statementsOf(root, "ci-inventory-live-deploy"));
    protectedDeployer = await assume(root, "live-deployer");
    await createLiveData(clientsOf(root));
  });

  test.each(WITH_DATA)("the deploy role may not: %s (%s)", async (_, action, attempt) => {
    await expect(attempt(clientsOf(protectedDeployer))).rejects.toThrow(
      new RegExp(`not authorized to perform: ${action} `),
    );
  });

  test("an administrator may, under the data role", async () => {
    const { dynamodb } = clientsOf(await assume(root, "ci-inventory-live-data"));
    await dynamodb.send(
      new UpdateTableCommand({ TableName: LIVE_TABLE, DeletionProtectionEnabled: false }),
    );
  });
});

test("the deploy role destroys all but what is protected, and is refused nothing on the way", async () => {
  const before = await refusedTo(DEPLOY_ROLE);
  const services = ["ecs-service-caller", "ecs-service"];
  for (const state of services) await terraform().destroy(state);
  const rest = STATES.filter((state) => !["backend", ...services].includes(state));
  await Promise.all(rest.map((state) => terraform().destroy(state)));
  expect(await refusedTo(DEPLOY_ROLE)).toEqual(before);
}, 240_000);

/**
 * The actions that the deploy role may perform and that no test needed, by the reason why they are
 * allowed.
 */
const NOT_SEEN: Readonly<Record<string, readonly string[]>> = {
  "changes existing resources in place, when their configuration changes": [
    "dynamodb:UpdateTable",
    "ec2:ModifySecurityGroupRules",
    "ecs:UpdateCluster",
    "ecs:UpdateClusterSettings",
    "elasticloadbalancing:ModifyListener",
    "elasticloadbalancing:ModifyListenerAttributes",
    "elasticloadbalancing:ModifyRule",
    "elasticloadbalancing:ModifyTargetGroup",
    "elasticloadbalancing:SetIpAddressType",
    "elasticloadbalancing:SetRulePriorities",
    "elasticloadbalancing:SetSecurityGroups",
    "elasticloadbalancing:SetSubnets",
    "iam:PutRolePermissionsBoundary",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
    "logs:DeleteRetentionPolicy",
    "secretsmanager:UpdateSecret",
    "servicediscovery:UpdatePrivateDnsNamespace",
    "servicediscovery:UpdateService",
  ],
  "takes away tags, when the configuration has fewer": [
    "application-autoscaling:UntagResource",
    "dynamodb:UntagResource",
    "ec2:DeleteTags",
    "ecr:UntagResource",
    "ecs:UntagResource",
    "elasticloadbalancing:RemoveTags",
    "iam:UntagRole",
    "logs:UntagResource",
    "secretsmanager:UntagResource",
  ],
  "lets other accounts pull, which no platform of one environment needs": [
    "ecr:DeleteRepositoryPolicy",
    "ecr:GetRepositoryPolicy",
    "ecr:SetRepositoryPolicy",
  ],
  "pushes and promotes by Docker's own protocol, or layer by layer": [
    "ecr:BatchCheckLayerAvailability",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
  ],
  "looks for why a deploy failed, or whether an image may be deployed": [
    "ecr:DescribeImageScanFindings",
    "ecs:DescribeTasks",
    "ecs:ListTasks",
    "elasticloadbalancing:DescribeTargetHealth",
    "logs:DescribeLogStreams",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
  ],
  "deregisters a task that ECS has not deregistered when its service is deleted": [
    "servicediscovery:DeregisterInstance",
  ],
  "AWS asks for it on the way, which the local AWS does not": [
    "cloudwatch:DeleteAlarms",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:PutMetricAlarm",
    "ec2:DescribeAccountAttributes",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeRegions",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ec2:GetSecurityGroupsForVpc",
    "iam:CreateServiceLinkedRole",
    "route53:CreateHostedZone",
    "route53:GetHostedZone",
    "route53:ListHostedZonesByName",
  ],
};

test("each action that the deploy role may do was done, or there is a reason why it may", async () => {
  const done = (await accessesOf(DEPLOY_ROLE)).filter(({ allowed }) => allowed);
  const names = new Set(done.map(({ action }) => action.toLowerCase()));
  const allowed = statements
    .filter(({ Effect }) => Effect === "Allow")
    .flatMap(({ Action }) => [Action].flat());
  const unseen = [...new Set(allowed)].filter((action) => !names.has(action.toLowerCase()));
  expect(unseen.sort()).toEqual(Object.values(NOT_SEEN).flat().sort());
});
