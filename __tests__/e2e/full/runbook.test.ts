import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { LOCAL_ACCOUNT, LOCAL_REGION } from "../../../environments/local";
import { clientConfig, environmentVariables } from "../../../local/emulator/aws";
import { childEnv } from "../../../local/child-env";
import { readReport } from "../../../delivery/report/report";
import { providerSource } from "../../../delivery/terraform/provider-source";
import { type RunningAws, startLocalAws } from "../../../local/local-aws";
import { publishImage } from "../../../local/images/publish-image";
import { TestProcess } from "../support/processes";
import { type Block, isRunByATest, runbookBlocks } from "../support/runbook";
import { brokenServer, writeContext, WHOLE_FOLDER } from "../support/test-image";
import { waitUntil } from "../support/wait-until";

// The whole life of one environment, using only the commands of the page. The tests run in that
// order, and each leaves the platform in working order for the next.
const folder = mkdtempSync(join(tmpdir(), "runbook-"));
const project = join(folder, "project");
const blocks = runbookBlocks();
const [preamble] = blocks;
const left = new Set(blocks.filter(isRunByATest));

let aws: RunningAws;
/** The commit of the clone, whose image is deployed. */
let image: string;

beforeAll(async () => {
  execFileSync("git", ["clone", "--quiet", resolve("."), project]);
  symlinkSync(resolve("node_modules"), join(project, "node_modules"));
  aws = await startLocalAws({
    accountId: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    python: "python3",
    imagesDirectory: join(folder, "images"),
    logsDirectory: join(folder, "logs"),
  });
}, 120_000);

afterAll(async () => {
  await (aws as RunningAws | undefined)?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const shell = (commands: string) =>
  new TestProcess("bash", ["-euo", "pipefail", "-c", commands], {
    cwd: project,
    env: {
      ...childEnv({
        ...environmentVariables(aws),
        ...providerSource({ directory: folder }),
      }),
      AWS_PAGER: "",
    },
  });

/**
 * Runs the n-th block of a section after the page's first block, which sets the variables.
 *
 * @returns the output of the block
 */
async function run(section: string, n = 0, variables: Record<string, string> = {}) {
  const block = blockOf(section, n);
  left.delete(preamble as Block);
  left.delete(block);
  const settings = Object.entries(variables).map(([name, value]) => `export ${name}=${value}\n`);
  // The local load balancer listens on its own port, which a DNS name cannot contain.
  const url = aws.loadBalancers.url("inventory-dev", 80) ?? "";
  const commands = block.text.replace("$(npm run --silent url -- $env)", url);
  const process = shell([preamble?.text, ...settings, commands].join(""));
  const exitCode = await process.ended();
  if (exitCode !== 0) throw new Error(`${section} ended with ${exitCode}:\n${process.output}`);
  return process.output;
}

function blockOf(section: string, n: number) {
  const block = blocks.filter((each) => each.section === section && isRunByATest(each))[n];
  if (!block) throw new Error(`docs/runbook.md has no block ${n} in "${section}"`);
  return block;
}

/** Deletes the one line that a patch of the page removes. */
function applyPatch(section: string, n: number) {
  const patch = blocks.filter((each) => each.section === section && each.language === "diff")[n];
  const { file, line } =
    /^--- a\/(?<file>.*)\n[^]*^-(?<line> .*)$/m.exec(patch?.text ?? "")?.groups ?? {};
  if (!file || !line) throw new Error(`docs/runbook.md has no patch ${n} in "${section}"`);
  edit(file, `${line}\n`, "");
}

function edit(file: string, before: string, after: string) {
  const path = join(project, file);
  const text = readFileSync(path, "utf8");
  expect(text.split(before)).toHaveLength(2);
  writeFileSync(path, text.replace(before, after));
}

async function publish(tag: string, root = project) {
  await publishImage({
    aws,
    repositoryUrl: `${LOCAL_ACCOUNT}.dkr.ecr.${LOCAL_REGION}.amazonaws.com/inventory-dev`,
    tag,
    root,
    source: WHOLE_FOLDER,
    imagesDirectory: join(folder, "images"),
  });
}

const succeeds = async (commands: string) => {
  const process = shell(commands);
  const exitCode = await process.ended();
  if (exitCode !== 0) throw new Error(`${commands} ended with ${exitCode}:\n${process.output}`);
  return process.output;
};

const state = (name: string) => join(project, "cdktf.out", "stacks", `dev-${name}`);

/** Plans all states. When a plan has changes, the error contains them. */
const expectNothingToChange = async () => {
  const out = join(folder, "plan");
  const plan = shell(`npm run plan -- dev --out ${out}`);
  const exitCode = await plan.ended();
  if (exitCode === 0) return;
  const { states } = readReport(join(out, "dev.json"));
  const plans = states.map(({ plan: text }) => text).join("\n");
  throw new Error(`npm run plan ended with ${exitCode}:\n${plan.output}\n${plans}`);
};

const tagOf = (digit: string) => digit.repeat(40);

test("first deploy: from Day-0 to a platform that answers", async () => {
  const section = "First deploy of an environment";
  const outputs = await run(section, 0);
  const output = (name: string) => new RegExp(`${name} +\\| +(\\S+)`).exec(outputs)?.[1] ?? "";
  const list = (ids: string) => JSON.stringify(ids.split(","));
  writeFileSync(
    join(project, "environments", "dev.ts"),
    readFileSync(join(project, "environments", "dev.ts"), "utf8")
      .replace(
        "account: PLACEHOLDER_ACCOUNT",
        `account: "${LOCAL_ACCOUNT}",\n  singleEndpoint: true`,
      )
      .replace("defineEnvironment, PLACEHOLDER_ACCOUNT", "defineEnvironment")
      .replace(/vpcId: "[^"]*"/, `vpcId: "${output("VpcId")}"`)
      .replace(/publicSubnetIds: \[[^\]]*\]/, `publicSubnetIds: ${list(output("PublicSubnetIds"))}`)
      .replace(
        /privateSubnetIds: \[[^\]]*\]/,
        `privateSubnetIds: ${list(output("PrivateSubnetIds"))}`,
      )
      .replace(
        /endpointSecurityGroupId: "[^"]*"/,
        `endpointSecurityGroupId: "${output("EndpointSecurityGroupId")}"`,
      ),
  );
  const identity = ["-c", "user.name=dev", "-c", "user.email=dev@example.com"];
  execFileSync("git", [...identity, "commit", "-qam", "dev is ours"], { cwd: project });
  image = execFileSync("git", ["rev-parse", "HEAD"], { cwd: project, encoding: "utf8" }).trim();

  expect(await run("Plan before there is an account")).toMatch(/2 to add/);
  expect(await run("Adding an environment")).toMatch(/dev-alb/);
  await run(section, 1);
  await publish(image);
  expect(await run(section, 2)).toMatch(/serves\./);
  await expectNothingToChange();
}, 600_000);

test("resources that keep data are deployed with the data role, which finds nothing to change", async () => {
  const section = "Tables and repositories of a protected environment";
  expect(await run(section, 0, { image })).toMatch(/nothing to deploy/);
}, 120_000);

test("break-glass: Terraform alone deploys another image, and nothing is left to change", async () => {
  await publish(tagOf("a"));
  const section = "Break-glass with the Terraform CLI";
  expect(await run(section, 0, { image: tagOf("a") })).toMatch(/Apply complete!/);
  await run(section, 1);
}, 300_000);

test("a failed deploy: the events and the logs say why, and a rollback is a deploy", async () => {
  const section = "A deploy failed";
  await publish(tagOf("b"), await writeContext(join(folder, "broken"), brokenServer));
  const failed = shell(`npm run deploy -- dev --auto-approve --image-tag ${tagOf("b")}`);
  expect([await failed.ended(), failed.output]).toEqual([
    1,
    expect.stringMatching(/The new tasks failed and ECS rolled the\s+service back/),
  ]);
  expect(await run(section, 0)).toMatch(/deployment failed/);
  await run("Roll back", 0, { earlier_image: image });
  await expectNothingToChange();

  await succeeds(
    `cd ${state("ecs-service")} && terraform state rm aws_cloudwatch_log_group.log_group`,
  );
  expect(await run(section, 1)).toMatch(/Import successful!/);
  await expectNothingToChange();
}, 600_000);

test("drift: nothing differs, and then something does", async () => {
  await run("Drift");
  await succeeds(
    "aws logs put-retention-policy --log-group-name /ecs/inventory-dev --retention-in-days 1",
  );
  await expect(run("Drift")).rejects.toThrow(/aws_cloudwatch_log_group\.log_group/);
  await run("Drift", 1, { image });
  await run("Drift");
}, 300_000);

test("a stale lock: what a killed apply left is freed", async () => {
  const apply = `cd ${state("ecs-service")} && exec terraform apply -auto-approve -input=false -var image_tag=${tagOf("a")}`;
  const killed = shell(apply);
  const dynamodb = new DynamoDBClient(clientConfig(aws));
  await waitUntil(
    "the state is locked",
    async () => {
      const { Items = [] } = await dynamodb.send(
        new ScanCommand({ TableName: "inventory-dev-terraform-locks" }),
      );
      return Items.some(({ Info }) => Info !== undefined);
    },
    120_000,
  );
  await killed.signal("SIGKILL");
  const refused = shell(apply);
  expect(await refused.ended()).toBe(1);
  const lock_id = /ID: +(?<id>[0-9a-f-]{36})/.exec(refused.output)?.groups?.id ?? "";
  const section = 'Stale lock: "Error acquiring the state lock"';
  expect(await run(section, 0, { lock_id })).toMatch(/successfully unlocked/);
  await run(section, 1, { image });
}, 300_000);

test("a lost lock table comes back", async () => {
  await loseLockTable();
  const refused = shell(
    `npm run deploy -- dev --auto-approve --only dynamodb --image-tag ${tagOf("a")}`,
  );
  await refused.ended();
  await run("Lost lock table");
  await run("Roll back", 0, { earlier_image: image });
  await expectNothingToChange();
}, 300_000);

test("a state is restored from an earlier version, readable or not", async () => {
  const section = "State restored from a version of the bucket";
  const latest = async () => {
    const versions = await run(section, 0);
    return /\| +([\w-]+) +\|[^\n]*\| +True +\|/.exec(versions)?.[1] ?? "";
  };
  const good = await latest();
  await succeeds(`cd ${state("dynamodb")} && terraform state rm aws_dynamodb_table.claims`);
  expect(await latest()).not.toBe(good);
  await run(section, 1, { version: good });
  await expectNothingToChange();

  const readable = await latest();
  const uri = `s3://inventory-dev-terraform-state-${LOCAL_ACCOUNT}/dev/dynamodb/terraform.tfstate`;
  await succeeds(`echo '{"version": 4, "serial' | aws s3 cp - ${uri}`);
  const broken = shell(`cd ${state("dynamodb")} && terraform plan`);
  expect([await broken.ended(), broken.output]).toEqual([
    1,
    expect.stringContaining("does not have the expected content"),
  ]);
  await run(section, 2, { version: readable });
  await expectNothingToChange();
}, 600_000);

test("a table is restored as it was, takes over, and nothing is left to change", async () => {
  const section = "Tables restored";
  const item = `'{"id": {"S": "1"}, "sku": {"S": "tea"}}'`;
  await succeeds(`aws dynamodb put-item --table-name inventory-dev-items --item ${item}`);
  expect(await run(section, 0, { image })).toMatch(/"Count": 1/);
  await run(section, 1, { image });
  const rows = await succeeds(
    "aws dynamodb scan --table-name inventory-dev-items --select COUNT --query Count",
  );
  expect(rows.trim()).toBe("1");
  await expectNothingToChange();
}, 300_000);

test("from DynamoDB locks to lock files: the table goes last, and no state changes", async () => {
  const section = "From DynamoDB locks to lock files, in three safe steps";
  applyPatch(section, 0);
  await run(section, 0);
  applyPatch(section, 1);
  await run(section, 1);
  const tables = await succeeds("aws dynamodb list-tables --output text");
  expect(tables).not.toContain("inventory-dev-terraform-locks");
}, 600_000);

test("tearing down: only what AWS keeps for a while is left", async () => {
  const section = "Tearing an environment down";
  execFileSync("git", ["checkout", "--quiet", "."], { cwd: project });
  await run("Lost lock table");
  expect((await run(section, 0)).match(/Destroy complete!/g)).toHaveLength(6);
  await run(section, 1);
  const rest = await succeeds(
    "aws s3api list-buckets --query 'Buckets[].Name' --output text; aws dynamodb list-tables --query 'TableNames' --output text; aws ecr describe-repositories --query 'repositories[].repositoryName' --output text",
  );
  expect(rest.replaceAll("None", "").trim()).toBe("");
}, 600_000);

test("every command of the page that a test runs was run", () => {
  expect([...left].map(({ section, text }) => `${section}\n${text}`)).toEqual([]);
});

async function loseLockTable() {
  const table = "--table-name inventory-dev-terraform-locks";
  await succeeds(
    `aws dynamodb update-table ${table} --no-deletion-protection-enabled && aws dynamodb delete-table ${table}`,
  );
}
