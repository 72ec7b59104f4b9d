import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DeleteTableCommand, DynamoDBClient, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { environmentVariables, type LocalAws } from "../../../local/emulator/aws";
import { type Emulator, startEmulator } from "../../../local/emulator/emulator";
import { createFoundation } from "../../../local/deploy/foundation";
import { providerSource } from "../../../delivery/terraform/provider-source";
import { LOCAL_ACCOUNT, LOCAL_REGION } from "../../../environments/local";
import { ExistingBackend } from "../../../delivery/backend/existing-backend";
import { readBackend } from "../../../delivery/synthesized/config";
import { Terraform } from "../../../delivery/terraform/terraform";
import { clientConfig } from "../../../local/emulator/aws";
import { LOCAL_DELIVERY, synthesizeLocal } from "../support/local-inventory";
import { TestProcess } from "../support/processes";

const BOOTSTRAP = resolve("scripts/bootstrap.ts");
const TSX = resolve("node_modules/.bin/tsx");

/** A separate local AWS, and a folder with the synthesized states of the local environment. */
class Bootstrap {
  private constructor(
    readonly folder: string,
    readonly aws: LocalAws,
    private readonly emulator: Emulator,
  ) {}

  static async prepare() {
    const folder = mkdtempSync(join(tmpdir(), "bootstrap-"));
    const emulator = await startEmulator({
      python: "python3",
      accountId: LOCAL_ACCOUNT,
      region: LOCAL_REGION,
      logFile: join(folder, "aws.log"),
    });
    const { aws } = emulator;
    mkdirSync(join(folder, "cdktf.out"));
    synthesizeLocal(await createFoundation(aws, LOCAL_DELIVERY), join(folder, "cdktf.out"));
    return new Bootstrap(folder, aws, emulator);
  }

  get directory() {
    return join(this.folder, "cdktf.out", "stacks", "local-backend");
  }

  get env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      ...environmentVariables(this.aws),
      ...providerSource({ directory: this.folder }),
    };
  }

  start(environment = "local") {
    return new TestProcess(TSX, [BOOTSTRAP, environment], {
      cwd: this.folder,
      env: this.env,
    });
  }

  /**
   * Checks the result of a complete bootstrap: the whole state is in the bucket, and nothing is
   * left to change.
   */
  async expectDone() {
    const terraform = new Terraform({ directory: this.directory, env: this.env });
    const { stdout } = await terraform.run(["state", "list"]);
    expect(stdout.split("\n")).toHaveLength(10);
    expect(await terraform.hasChanges()).toBe(false);
    const backend = readBackend(this.directory);
    expect(await new ExistingBackend(backend, clientConfig(this.aws)).hasState()).toBe(true);
    expect(readdirSync(this.directory).filter((file) => file.includes("tfstate"))).toEqual([]);
    expect(readdirSync(this.directory)).not.toContain("backend_override.tf.json");
  }

  async dispose() {
    await this.emulator.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The step at which the run is interrupted, and the output that shows that the step is running. */
const CUTS: readonly (readonly [string, RegExp])[] = [
  ["before anything is made", /Creating the state bucket/],
  ["while the key is made", /aws_kms_key\.state_key: Creating/],
  ["when the bucket is made", /aws_s3_bucket\.state_bucket: Creation complete/],
  ["when the key has its alias", /aws_kms_alias\.state_key_alias: Creation complete/],
  ["when all is made", /Apply complete!/],
  ["while the state is moved", /Terraform detected that the backend type changed/],
  ["when the state is moved", /Checking the backend/],
];

test.concurrent.each(CUTS)(
  "cut off %s and run again, it ends in the same place",
  async (_, moment) => {
    const bootstrap = await Bootstrap.prepare();
    try {
      const first = bootstrap.start();
      await first.printed(moment, 120_000);
      await first.signal("SIGKILL");

      const second = bootstrap.start();
      expect([await second.ended(), second.output]).toEqual([
        0,
        expect.stringContaining("The backend of local is ready."),
      ]);
      await bootstrap.expectDone();
    } finally {
      await bootstrap.dispose();
    }
  },
  400_000,
);

test.concurrent(
  "interrupted so that the local state is lost, it imports the existing resources",
  async () => {
    const bootstrap = await Bootstrap.prepare();
    try {
      const first = bootstrap.start();
      await first.printed(/aws_kms_alias\.state_key_alias: Creation complete/, 120_000);
      await first.signal("SIGKILL");
      rmSync(join(bootstrap.directory, "bootstrap.tfstate"));

      const second = bootstrap.start();
      expect(await second.ended()).toBe(0);
      expect(second.output).toMatch(/[1-4] imported/);
      await bootstrap.expectDone();
    } finally {
      await bootstrap.dispose();
    }
  },
  400_000,
);

test.concurrent(
  "run again when the lock table was lost, it makes the table anew",
  async () => {
    const bootstrap = await Bootstrap.prepare();
    try {
      expect(await bootstrap.start().ended()).toBe(0);
      const { dynamodb_table: TableName } = readBackend(bootstrap.directory);
      const dynamodb = new DynamoDBClient(clientConfig(bootstrap.aws));
      await dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
      await dynamodb.send(new DeleteTableCommand({ TableName }));

      const again = bootstrap.start();
      expect([await again.ended(), again.output]).toEqual([
        0,
        expect.stringContaining("The backend of local is ready."),
      ]);
      await bootstrap.expectDone();
    } finally {
      await bootstrap.dispose();
    }
  },
  400_000,
);

test.concurrent(
  "run again on a backend that stands, it changes nothing and takes no lock",
  async () => {
    const bootstrap = await Bootstrap.prepare();
    try {
      expect(await bootstrap.start().ended()).toBe(0);
      const again = bootstrap.start();
      expect(await again.ended()).toBe(0);
      expect(again.output).toContain("No changes.");
      expect(again.output).not.toContain("Apply complete!");
      await bootstrap.expectDone();
    } finally {
      await bootstrap.dispose();
    }
  },
  400_000,
);
