import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { dev } from "../../environments/dev";
import { platform as inventory } from "../../platforms/inventory/platform";
import { clientConfig, environmentVariables, type LocalAws } from "../../local/emulator/aws";
import { type Emulator, startEmulator } from "../../local/emulator/emulator";
import { providerSource } from "../../delivery/terraform/provider-source";
import { Terraform } from "../../delivery/terraform/terraform";
import { childEnv } from "../../local/child-env";
import { appOf } from "../support/app";
import { TestProcess } from "./support/processes";
import { synthesizedApp } from "../support/synthesized-app";

// These tests cover users without an account: the environment's file has the placeholder, there are
// some credentials, and there is no state bucket.
const folder = mkdtempSync(join(tmpdir(), "placeholder-"));
const account = { region: dev.region, accountId: "123456789012" };
let aws: LocalAws;
let emulator: Emulator;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  emulator = await startEmulator({
    python: "python3",
    ...account,
    logFile: join(folder, "aws.log"),
  });
  ({ aws } = emulator);
  env = {
    ...process.env,
    ...environmentVariables(aws),
    ...providerSource({ directory: folder }),
  };
  const live = { ...dev, name: "live", account: "111111111111" };
  appOf(inventory, [dev, live], join(folder, "cdktf.out")).synth();
}, 60_000);

afterAll(async () => {
  await emulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("a placeholder account can be planned for, and nothing of it is applied", async () => {
  const directory = join(folder, "cdktf.out", "stacks", "dev-ecr");
  const local = { terraform: { backend: { local: {} } } };
  writeFileSync(join(directory, "backend_override.tf.json"), JSON.stringify(local));
  const terraform = new Terraform({ directory, env });
  await terraform.init();
  expect(await terraform.hasChanges()).toBe(true);

  await expect(terraform.apply()).rejects.toThrow(
    /environments\/dev\.ts: account is\s+the placeholder "000000000000"/,
  );
  const ecr = new ECRClient(clientConfig(aws));
  expect((await ecr.send(new DescribeRepositoriesCommand({}))).repositories).toEqual([]);
}, 60_000);

/**
 * Runs a command on the synthesized output, with an empty home folder and an empty Terraform
 * configuration.
 */
const script = (name: string, ...args: string[]) =>
  new TestProcess(
    process.execPath,
    ["--import", "tsx", resolve(`scripts/${name}.ts`), ...args, ...synthesizedApp(folder)],
    {
      env: childEnv({
        HOME: folder,
        TF_CLI_CONFIG_FILE: join(folder, "missing.tfrc"),
        AWS_EC2_METADATA_DISABLED: "true",
      }),
    },
  );

const IMAGE = ["--image-tag", "1".repeat(40)];

test.each([
  ["bootstrap", ["live"]],
  ["check-image", ["live", ...IMAGE]],
  ["deploy", ["live", ...IMAGE]],
  ["drift", ["live"]],
  ["plan", ["live"]],
  ["promote", ["dev", "live", ...IMAGE]],
  ["url", ["live"]],
])(
  "without credentials, one message of npm run %s says so and what to do",
  async (name, args) => {
    const refused = script(name, ...args);
    expect(await refused.ended()).toBe(1);
    expect(refused.output.match(/There are no AWS credentials/g)).toHaveLength(1);
    expect(refused.output).toContain(`npm run plan -- <environment> --local --app ${folder}`);
    expect(refused.output).not.toContain("Error:");
  },
  60_000,
);

test("without an account, a plan on a local AWS shows what would be created", async () => {
  const planned = script("plan", "dev", "--local");
  expect([await planned.ended(), planned.output]).toEqual([
    2,
    expect.stringMatching(/dev-alb +\+\d[^]*dev-iam +\+\d[^]*This plan cannot be applied yet/),
  ]);
}, 120_000);

const bootstrap = (name: string) =>
  new TestProcess(resolve("node_modules/.bin/tsx"), [resolve("scripts/bootstrap.ts"), name], {
    cwd: folder,
    env,
  });

test("a placeholder account is not bootstrapped", async () => {
  const refused = bootstrap("dev");
  expect(await refused.ended()).toBe(1);
  expect(refused.output).toContain('the account is the placeholder "000000000000"');
});

test("an environment that is not there is an error that names those that are", async () => {
  const refused = bootstrap("production");
  expect(await refused.ended()).toBe(1);
  expect(refused.output).toContain('environment is "production", expected one of dev');
});

test("credentials of another account are refused before anything is made", async () => {
  const outdir = join(folder, "cdktf.out");
  appOf(inventory, [{ ...dev, account: "111111111111" }], outdir).synth();
  const refused = bootstrap("dev");
  expect(await refused.ended()).toBe(1);
  expect(refused.output).toContain("of account 123456789012, expected 111111111111");
});
