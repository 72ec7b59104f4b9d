import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { App } from "cdktf";
import type { Network } from "../../environments/environment";
import { local, LOCAL_ACCOUNT, LOCAL_REGION } from "../../environments/local";
import { iamAccesses } from "../../local/emulator-control";
import { startPlatform, type StartedPlatform } from "../../local/start";
import { inventory } from "../../platforms/inventory";
import { addStates } from "../../stacks";
import { createCiRoles, signInAsCi } from "./support/ci";

let platform: StartedPlatform;
const directory = mkdtempSync(join(tmpdir(), "deploy-role-"));

/** The local environment under the name of one that foundation/github.yaml knows. */
function synthesizeDev(network: Network, outdir: string) {
  const app = new App({ outdir });
  addStates(app, { platform: inventory, environment: { ...local(network), name: "dev" } });
  app.synth();
}

beforeAll(async () => {
  platform = await startPlatform({
    accountId: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    delivery: {
      Platform: inventory.name,
      Environment: "dev",
      PromotesFromAccount: LOCAL_ACCOUNT,
      PromotesFromEnvironment: "earlier",
    },
    signIn: async (aws) => {
      await createCiRoles(aws, inventory.name);
      return (await signInAsCi(aws, "dev", "ci-inventory-dev-deploy")).credentials;
    },
    synthesize: synthesizeDev,
    contextDirectory: resolve("."),
    directory,
    signal: new AbortController().signal,
  });
}, 400_000);

afterAll(async () => {
  await (platform as StartedPlatform | undefined)?.aws.stop();
  rmSync(directory, { recursive: true, force: true });
});

const accessesOf = async (role: string) => {
  const accesses = await iamAccesses(platform.aws);
  return accesses.filter(({ principal }) => principal.endsWith(`/${role}`));
};

test("the deploy role deploys everything, and is refused nothing on the way", async () => {
  const accesses = await accessesOf("ci-inventory-dev-deploy");
  expect(accesses.length).toBeGreaterThan(100);
  expect(accesses.filter(({ allowed }) => !allowed)).toEqual([]);
  const health = await fetch(`${platform.aws.loadBalancers.url("inventory-dev", 80) ?? ""}/health`);
  expect(health.status).toBe(200);
});
