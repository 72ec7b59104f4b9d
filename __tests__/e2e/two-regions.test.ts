import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { App, TerraformOutput } from "cdktf";
import { installProvider, withProvider } from "../../delivery/terraform/provider";
import { providerSource } from "../../delivery/terraform/provider-source";
import { childEnv } from "../../local/child-env";
import { environmentVariables } from "../../local/emulator/aws";
import { type Emulator, startEmulator } from "../../local/emulator/emulator";
import { platform as inventory } from "../../platforms/inventory/platform";
import { StateStack } from "../../stacks/state-stack";
import { someAccount } from "../support/app";

jest.setTimeout(180_000);

const folder = mkdtempSync(join(tmpdir(), "two-regions-"));
const { account: accountId, region } = someAccount;
let emulator: Emulator;

beforeAll(async () => {
  const logFile = join(folder, "aws.log");
  emulator = await startEmulator({ python: "python3", accountId, region, logFile });
});

afterAll(async () => {
  await emulator.stop();
  rmSync(folder, { recursive: true });
});

class TwoRegionStack extends StateStack {
  constructor(app: App) {
    super(app, "two-regions", { platform: inventory, environment: someAccount });
    const here = new SnsTopic(this, "here", { name: "here" });
    const there = new SnsTopic(this, "there", { name: "there", provider: this.usEast1 });
    new TerraformOutput(this, "arns", { value: [here.arn, there.arn] });
  }
}

test("the second provider of a state creates its resources in us-east-1, and the first does not", async () => {
  const app = new App({ outdir: folder });
  new TwoRegionStack(app);
  app.synth();
  const directory = join(folder, "stacks", "dev-two-regions");
  const local = JSON.stringify({ terraform: { backend: { local: {} } } });
  writeFileSync(join(directory, "backend_override.tf.json"), local);
  const source = providerSource({ directory: folder });
  const env = childEnv({ ...environmentVariables(emulator.aws), ...source });
  const provider = join(folder, "provider");
  await installProvider(provider, env);

  await withProvider(provider, { directory, env }, async (terraform) => {
    await terraform.init();
    await terraform.apply();
    expect(await terraform.outputs()).toEqual({
      arns: [`arn:aws:sns:${region}:${accountId}:here`, `arn:aws:sns:us-east-1:${accountId}:there`],
    });
    expect(await terraform.hasChanges()).toBe(false);
  });
});
