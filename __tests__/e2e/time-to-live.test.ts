import { DescribeTimeToLiveCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { Testing } from "cdktf";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Table } from "../../constructs/data/table";
import { providerSource } from "../../delivery/terraform/provider-source";
import { childEnv } from "../../local/child-env";
import { clientConfig, environmentVariables } from "../../local/emulator/aws";
import { startEmulator, type Emulator } from "../../local/emulator/emulator";
import type { TimeToLive } from "../../model/time-to-live";

jest.setTimeout(180_000);

const folder = mkdtempSync(join(tmpdir(), "time-to-live-"));
const terraformSource = providerSource({ directory: join(folder, "tools") });
let emulator: Emulator;
let dynamodb: DynamoDBClient;

beforeAll(async () => {
  emulator = await startEmulator({
    python: "python3",
    accountId: "123456789012",
    region: "eu-west-1",
    logFile: join(folder, "aws.log"),
  });
  dynamodb = new DynamoDBClient(clientConfig(emulator.aws));
  write();
  expect(terraform("init", "-input=false")).toMatchObject({ status: 0 });
});

afterAll(async () => {
  dynamodb.destroy();
  await emulator.stop();
  rmSync(folder, { recursive: true });
});

/** Writes the configuration of a table with or without a time to live. */
function write(timeToLive?: TimeToLive) {
  const configuration = Testing.synthScope((scope) => {
    new AwsProvider(scope, "aws", { region: "eu-west-1" });
    new Table(scope, "claims", {
      name: "claims",
      partitionKey: "claim",
      timeToLive,
      throughput: { maxReadUnits: 400, maxWriteUnits: 100 },
      deletionProtection: false,
    });
  });
  writeFileSync(join(folder, "main.tf.json"), configuration);
}

function terraform(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync("terraform", [...args, "-no-color"], {
    cwd: folder,
    encoding: "utf8",
    env: childEnv({
      ...terraformSource,
      CHECKPOINT_DISABLE: "1",
      ...environmentVariables(emulator.aws),
    }),
  });
  return { status, output: stdout + stderr };
}

function deploy(timeToLive?: TimeToLive) {
  write(timeToLive);
  return terraform("apply", "-input=false", "-auto-approve");
}

async function deployedTimeToLive() {
  const TableName = "claims";
  const answer = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
  return answer.TimeToLiveDescription;
}

const enabled = { attribute: "expiresAt", status: "enabled" } as const;
const isOn = { TimeToLiveStatus: "ENABLED", AttributeName: "expiresAt" };

test("a time to live is switched on, and off before it leaves the code", async () => {
  expect(deploy()).toMatchObject({ status: 0 });
  expect(deploy(enabled)).toMatchObject({ status: 0 });
  expect(await deployedTimeToLive()).toEqual(isOn);

  const forgotten = deploy();
  expect(forgotten.status).toBe(1);
  expect(forgotten.output.replace(/\s*[│|╷╵]?\s+/g, " ")).toContain(
    'Set its timeToLive to { attribute: "expiresAt", status: "disabled" } and deploy',
  );
  expect(await deployedTimeToLive()).toEqual(isOn);

  expect(deploy({ ...enabled, status: "disabled" })).toMatchObject({ status: 0 });
  expect(await deployedTimeToLive()).toEqual({ TimeToLiveStatus: "DISABLED" });
  expect(terraform("plan", "-detailed-exitcode")).toMatchObject({ status: 0 });
  expect(deploy()).toMatchObject({ status: 0 });
  expect(terraform("plan", "-detailed-exitcode")).toMatchObject({ status: 0 });
});
