import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { BatchGetImageCommand, ECRClient } from "@aws-sdk/client-ecr";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
} from "@aws-sdk/client-ecs";
import {
  CopyObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { LOCAL_ACCOUNT } from "../../environments/local";
import { clientConfig } from "../../local/emulator/aws";
import { readReport } from "../../delivery/report/report";
import { changedContext } from "./support/changed-context";
import { Deployable } from "./support/deployable";

// All tests share one environment. They run in the order of its life, from nothing, with the
// project's own commands.
let local: Deployable;

beforeAll(async () => {
  local = await Deployable.prepare();
}, 300_000);

afterAll(async () => {
  await (local as Deployable | undefined)?.dispose();
});

const tagOf = (digit: string) => digit.repeat(40);
const FIRST = tagOf("1");
const SECOND = tagOf("2");
const LOG_GROUP = "/ecs/inventory-local";
const BUCKET = `inventory-local-terraform-state-${LOCAL_ACCOUNT}`;

const planTo = (folder: string, ...args: readonly string[]) =>
  local.run("plan", "--out", join(local.folder, folder), ...args);

const reportIn = (folder: string) => join(local.folder, folder, "local.json");

const deploy = (tag: string, ...args: readonly string[]) =>
  local.run("deploy", "--image-tag", tag, ...args);

async function runningImage() {
  const ecs = new ECSClient(clientConfig(local.aws));
  const { services } = await ecs.send(
    new DescribeServicesCommand({ cluster: "inventory-local", services: ["inventory-local"] }),
  );
  const { taskDefinition } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: services?.[0]?.taskDefinition }),
  );
  const image = taskDefinition?.containerDefinitions?.[0]?.image ?? "";
  expect(image).toMatch(/inventory-local@sha256:[0-9a-f]{64}$/);
  return tagOfDigest(image.split("@")[1]);
}

/** The commit with which an image is tagged. */
async function tagOfDigest(imageDigest: string | undefined) {
  const ecr = new ECRClient(clientConfig(local.aws));
  const { images } = await ecr.send(
    new BatchGetImageCommand({ repositoryName: "inventory-local", imageIds: [{ imageDigest }] }),
  );
  return images?.[0]?.imageId?.imageTag;
}

async function retentionInDays() {
  const logs = new CloudWatchLogsClient(clientConfig(local.aws));
  const { logGroups } = await logs.send(
    new DescribeLogGroupsCommand({ logGroupNamePrefix: LOG_GROUP }),
  );
  return logGroups?.[0]?.retentionInDays;
}

async function setRetention(days: number) {
  await new CloudWatchLogsClient(clientConfig(local.aws)).send(
    new PutRetentionPolicyCommand({ logGroupName: LOG_GROUP, retentionInDays: days }),
  );
}

const s3 = () => new S3Client({ ...clientConfig(local.aws), forcePathStyle: true });

/** What a deploy says of the states that it does not plan. */
const notPlanned = (...states: readonly string[]) =>
  `Not planned, because nothing changed since they were deployed: ${states.map((state) => `local-${state}`).join(", ")}; --all plans them too\n`;

/** The rows of the lock table and the lock files in the bucket. */
async function locks() {
  const { Items = [] } = await new DynamoDBClient(clientConfig(local.aws)).send(
    new ScanCommand({ TableName: "inventory-local-terraform-locks" }),
  );
  const { Contents = [] } = await s3().send(new ListObjectsV2Command({ Bucket: BUCKET }));
  return [
    ...Items.filter(({ Info }) => Info !== undefined).map(({ LockID }) => LockID?.S),
    ...Contents.map(({ Key }) => Key).filter((key) => key?.endsWith(".tflock")),
  ];
}

test("a plan from nothing only adds, and states that read another state wait for it", async () => {
  const { exitCode, output } = await planTo("nothing", "--image-tag", FIRST);
  expect([exitCode, output]).toEqual([2, expect.stringContaining("To apply it: npm run deploy")]);
  const { states } = readReport(reportIn("nothing"));
  expect(states.map(({ state, outcome }) => `${state}: ${outcome}`)).toEqual([
    "local-backend: changes",
    "local-alb: changes",
    "local-dynamodb: changes",
    "local-ecr: changes",
    "local-ecs-cluster: changes",
    "local-iam: changes",
    "local-ecs-service: waits",
  ]);
  const actions = states.flatMap(({ changes }) => changes.map(({ action }) => action));
  expect(new Set(actions)).toEqual(new Set(["add"]));
}, 300_000);

test("without a backend nothing is deployed", async () => {
  const { exitCode, output } = await deploy(FIRST, "--auto-approve");
  expect([exitCode, output]).toEqual([
    1,
    expect.stringContaining("local has no backend yet. Make it first: npm run bootstrap -- local"),
  ]);
}, 60_000);

test("deployed for the first time: the repository, then the image, then the rest, as it was reviewed", async () => {
  expect(await local.bootstrap()).toMatchObject({ exitCode: 0 });
  const early = await deploy(FIRST, "--auto-approve");
  expect([early.exitCode, early.output]).toEqual([
    1,
    expect.stringContaining("Deploy it first, npm run deploy -- local --only ecr"),
  ]);
  const ecr = await deploy(FIRST, "--only", "ecr", "--auto-approve");
  expect([ecr.exitCode, ecr.output]).toEqual([0, expect.stringContaining("Deployed local-ecr.")]);
  await local.publish(FIRST);

  const planned = await planTo("first", "--image-tag", FIRST);
  expect(planned).toMatchObject({ exitCode: 2 });
  expect(planned.output).toMatch(/Images:\ninventory: 1{40}@sha256:[0-9a-f]{64}\n/);
  expect(readFileSync(join(local.folder, "first", "local.md"), "utf8")).toMatch(
    /Images:\n\n- `inventory: 1{40}@sha256:[0-9a-f]{64}`/,
  );
  const { exitCode, output } = await deploy(FIRST, "--reviewed", reportIn("first"));
  expect([exitCode, output]).toEqual([0, expect.stringContaining("local-ecs-service")]);
  expect(output).toContain(`${notPlanned("ecr")}Planning 6 of 7 states of local\n`);
  expect(await runningImage()).toBe(FIRST);
  const url = local.aws.loadBalancers.url("inventory-local", 80) ?? "";
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect(await locks()).toEqual([]);
}, 900_000);

test("the URL is the load balancer's", async () => {
  expect(await local.run("url")).toEqual({
    exitCode: 0,
    output: expect.stringMatching(/^http:\/\/inventory-local\S+\n$/) as string,
  });
});

test("planned again, and looked at for drift, nothing would change", async () => {
  const plan = await planTo("again");
  expect([plan.exitCode, plan.output]).toEqual([
    0,
    expect.stringContaining("Nothing would change"),
  ]);
  expect(readReport(reportIn("again")).images).toEqual(readReport(reportIn("first")).images);
  const drift = await local.run("drift");
  expect([drift.exitCode, drift.output]).toEqual([
    0,
    expect.stringContaining("Nothing has drifted"),
  ]);
  expect(plan.output).toMatch(/Images:\ninventory: 1{40}@sha256:/);
}, 300_000);

test("deployed again, a state is planned when its record is damaged or something else wrote it", async () => {
  const again = await deploy(FIRST, "--auto-approve");
  expect([again.exitCode, again.output]).toEqual([0, expect.stringContaining("nothing to deploy")]);
  expect(again.output).toContain(
    notPlanned("backend", "alb", "dynamodb", "ecr", "ecs-cluster", "iam", "ecs-service"),
  );

  const Key = "local/alb/terraform.tfstate";
  await s3().send(
    new CopyObjectCommand({
      Bucket: BUCKET,
      Key,
      CopySource: `${BUCKET}/${Key}`,
      MetadataDirective: "REPLACE",
    }),
  );
  await s3().send(
    new PutObjectCommand({ Bucket: BUCKET, Key: "local/iam/deployed.json", Body: "{" }),
  );
  const changed = await deploy(FIRST, "--auto-approve");
  expect([changed.exitCode, changed.output]).toEqual([
    0,
    expect.stringContaining("nothing to deploy"),
  ]);
  expect(changed.output).toContain(
    `${notPlanned("backend", "dynamodb", "ecr", "ecs-cluster")}Planning 3 of 7 states of local\n`,
  );

  const all = await deploy(FIRST, "--auto-approve", "--all");
  expect([all.exitCode, all.output]).toEqual([0, expect.stringContaining("nothing to deploy")]);
  expect(all.output).toContain("Planning 7 of 7 states of local\n");
}, 300_000);

test("a manual change is drift, and is not part of a plan that was reviewed before", async () => {
  await local.publish(SECOND, changedContext(join(local.folder, "second-context")));
  expect(await planTo("second", "--image-tag", SECOND)).toMatchObject({ exitCode: 2 });
  const before = await retentionInDays();
  await setRetention(30);

  const drift = await local.run("drift", "--out", join(local.folder, "drift"));
  expect([drift.exitCode, drift.output]).toEqual([
    2,
    expect.stringContaining("change aws_cloudwatch_log_group.log_group"),
  ]);
  expect(readFileSync(join(local.folder, "drift", "local.md"), "utf8")).toContain(
    "| ecs-service | ~1 |",
  );

  const refused = await deploy(SECOND, "--reviewed", reportIn("second"));
  expect([refused.exitCode, refused.output]).toEqual([
    1,
    expect.stringMatching(
      /local-ecs-service: aws_cloudwatch_log_group\.log_group: reviewed no change, now change\nNothing was changed\./,
    ),
  ]);
  expect(await runningImage()).toBe(FIRST);
  expect(await retentionInDays()).toBe(30);

  const unseen = await deploy(FIRST, "--auto-approve");
  expect([unseen.exitCode, unseen.output]).toEqual([
    0,
    expect.stringContaining("nothing to deploy"),
  ]);
  expect(await retentionInDays()).toBe(30);
  expect(await planTo("drifted", "--image-tag", FIRST)).toMatchObject({ exitCode: 2 });
  const asReviewed = await deploy(FIRST, "--reviewed", reportIn("drifted"));
  expect([asReviewed.exitCode, asReviewed.output]).toEqual([
    0,
    expect.stringContaining("Deployed local-ecs-service"),
  ]);
  expect(await retentionInDays()).toBe(before);
}, 300_000);

test.each([
  [
    "of another image",
    (folder: string) => [reportIn(folder), FIRST],
    /the image of the service inventory is "2{40}@sha256:\w{64}", expected "1{40}@sha256:/,
  ],
  [
    "that nobody could see the digest in",
    (folder: string) => {
      const file = join(local.folder, "tag-only.json");
      const report = JSON.parse(readFileSync(reportIn(folder), "utf8")) as object;
      writeFileSync(file, JSON.stringify({ ...report, images: { inventory: SECOND } }));
      return [file, SECOND];
    },
    /the image of the service inventory is "2{40}", expected it with a digest/,
  ],
  [
    "that is not there",
    () => ["missing.json", SECOND],
    /missing\.json is not a report of npm run plan/,
  ],
  [
    "of another environment",
    (folder: string) => {
      const file = join(local.folder, "other.json");
      const report = JSON.parse(readFileSync(reportIn(folder), "utf8")) as object;
      writeFileSync(file, JSON.stringify({ ...report, environment: "prod" }));
      return [file, SECOND];
    },
    /environment is "prod", expected "local"/,
  ],
])("a review %s is refused", async (_, reviewOf, message) => {
  const [file = "", tag = ""] = reviewOf("second");
  const { exitCode, output } = await deploy(tag, "--reviewed", file);
  expect([exitCode, output]).toEqual([1, expect.stringMatching(message)]);
});

test("deployed as reviewed, another image runs; deployed again, the earlier one does", async () => {
  const second = await deploy(SECOND, "--reviewed", reportIn("second"));
  expect([second.exitCode, second.output]).toEqual([
    0,
    expect.stringContaining("Deployed local-ecs-service"),
  ]);
  expect(second.output).toContain("Planning 1 of 7 states of local\n");
  expect(await runningImage()).toBe(SECOND);

  const rerun = await deploy(SECOND, "--reviewed", reportIn("second"));
  expect(rerun).toMatchObject({ exitCode: 0 });

  const rollback = await deploy(FIRST, "--auto-approve", "--only", "ecs-service");
  expect(rollback).toMatchObject({ exitCode: 0 });
  expect(await runningImage()).toBe(FIRST);
}, 300_000);

test.each([
  ["an image that is not there", [tagOf("f")], /has no image f{40}\. Push it, or promote it/],
  ["a moving tag", ["latest"], /--image-tag is "latest", expected a full commit SHA/],
  [
    "a state that there is not",
    [FIRST, "--only", "rds"],
    /--only is "rds", expected one of local-/,
  ],
  ["an option that there is not", [FIRST, "--force"], /Unknown option '--force'[^]*Usage: npm run/],
  ["a plan that nobody can approve", [SECOND], /there is no terminal to ask on/],
])(
  "%s is refused, and nothing is changed",
  async (_, [tag = "", ...args], message) => {
    const { exitCode, output } = await deploy(tag, ...args);
    expect([exitCode, output]).toEqual([1, expect.stringMatching(message)]);
    expect(await runningImage()).toBe(FIRST);
  },
  60_000,
);

test("on Ctrl-C Terraform finishes its current step and releases its lock, and the next deploy continues", async () => {
  const deploying = local.start("deploy", "--image-tag", SECOND, "--auto-approve");
  await deploying.printed(/aws_ecs_service\.service modifying/, 300_000);
  expect(await locks()).toHaveLength(2);
  await deploying.signal("SIGINT");
  expect([await deploying.ended(), deploying.output]).toEqual([
    1,
    expect.stringMatching(/Terraform finishes its current operations[^]*Deployed: nothing/),
  ]);
  expect(await locks()).toEqual([]);

  const next = await deploy(SECOND, "--auto-approve");
  expect([next.exitCode, next.output]).toEqual([0, expect.any(String)]);
  expect(await runningImage()).toBe(SECOND);
  expect(await planTo("last")).toMatchObject({ exitCode: 0 });
}, 600_000);
