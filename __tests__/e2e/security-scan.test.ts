import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { prod } from "../../environments/prod";
import { environmentVariables } from "../../local/emulator/aws";
import { startEmulator, type Emulator } from "../../local/emulator/emulator";
import { providerSource } from "../../delivery/terraform/provider-source";
import { platform as inventory } from "../../platforms/inventory/platform";
import { installProvider, withProvider } from "../../delivery/terraform/provider";
import { readStates, type State } from "../../delivery/synthesized/states";
import { appOf } from "../support/app";
import { differences, readLedger, type Finding } from "../support/security-findings";
import { TestProcess } from "./support/processes";

// checkov reads the Terraform plans of prod and the CloudFormation templates of Day-0.
jest.setTimeout(600_000);

const folder = mkdtempSync(join(tmpdir(), "security-scan-"));
const plans = join(folder, "plans");
let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({
    python: "python3",
    region: prod.region,
    accountId: "123456789012",
    logFile: join(folder, "aws.log"),
  });
});

afterAll(async () => {
  await emulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The outputs of the `alb` state that the service reads. No apply of prod has written them. */
const ALB_OUTPUTS = {
  security_group_id: { type: "string", value: "sg-00000000000000000" },
  target_group_arns: {
    type: ["object", { inventory: "string" }],
    value: {
      inventory:
        "arn:aws:elasticloadbalancing:eu-west-1:000000000000:targetgroup/inventory/0000000000000000",
    },
  },
};

/** Plans a state from nothing and returns the plan as JSON. */
async function plan({ directory }: State, provider: string) {
  const remote_state_alb = { backend: "local", config: { path: "alb.json" } };
  writeFileSync(
    join(directory, "backend_override.tf.json"),
    JSON.stringify({
      terraform: { backend: { local: {} } },
      ...(directory.endsWith("ecs-service") && {
        data: { terraform_remote_state: { remote_state_alb } },
      }),
    }),
  );
  const state = { version: 4, serial: 1, lineage: "none", outputs: ALB_OUTPUTS, resources: [] };
  writeFileSync(join(directory, "alb.json"), JSON.stringify(state));
  const env = {
    ...process.env,
    ...environmentVariables(emulator.aws),
    TF_VAR_image_tag: `sha256:${"0".repeat(64)}`,
  };
  await withProvider(provider, { directory, env }, async (terraform) => {
    await terraform.init("-reconfigure");
    await terraform.run(["plan", "-input=false", "-lock=false", "-out=scanned.tfplan"]);
    const { stdout } = await terraform.run(["show", "-json", "scanned.tfplan"]);
    writeFileSync(join(plans, `${basename(directory)}.json`), stdout);
  });
}

interface Checked {
  readonly check_id: string;
  readonly check_name: string;
  readonly file_path: string;
  readonly resource: string;
}

interface Report {
  readonly results: { readonly failed_checks: readonly Checked[] };
  readonly summary: { readonly passed: number; readonly parsing_errors: number };
}

/** The findings of checkov in the files of a folder. */
async function scan(framework: string, directory: string): Promise<Finding[]> {
  // These options prevent that checkov sends anything or downloads rules.
  const args = ["--skip-download", "--quiet", "--compact", "--soft-fail", "--output", "json"];
  const checkov = new TestProcess("bash", [
    ".ci/tool",
    "checkov",
    "--framework",
    framework,
    "--directory",
    directory,
    ...args,
  ]);
  const exitCode = await checkov.ended();
  if (exitCode !== 0) throw new Error(`checkov ended with ${exitCode}\n${checkov.output}`);
  const { results, summary } = JSON.parse(checkov.output.replace(/^[^{]*/, "")) as Report;
  expect(summary.passed).toBeGreaterThan(50);
  expect(summary.parsing_errors).toBe(0);
  return results.failed_checks.map(({ check_id, check_name, file_path, resource }) => ({
    check: check_id,
    where: `${basename(file_path, ".json")} ${resource.replace(/^AWS::\w+::\w+\./, "")}`,
    title: check_name,
  }));
}

test("checkov finds in prod and on Day-0 what the ledger accepts, and nothing else", async () => {
  mkdirSync(plans);
  appOf(inventory, [prod], join(folder, "cdktf.out")).synth();
  const states = readStates(join(folder, "cdktf.out"));
  expect(states).toHaveLength(7);
  Object.assign(process.env, providerSource({ directory: folder }));
  const provider = join(folder, "provider");
  await installProvider(provider);
  for (const state of states) await plan(state, provider);

  const findings = [
    ...(await scan("terraform_plan", plans)),
    ...(await scan("cloudformation", "foundation")),
  ];
  expect(differences(findings, readLedger())).toEqual([]);
});
