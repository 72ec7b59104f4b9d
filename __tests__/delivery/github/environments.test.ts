import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { dev } from "../../../environments/dev";
import { staging } from "../../../environments/staging";
import { platform as inventory } from "../../../platforms/inventory/platform";
import { hasAccount, jobRoles, readEnvironments } from "../../../delivery/github/environments";
import { addStates } from "../../../stacks";
import { Names } from "../../../stacks/contract/names";

const ACCOUNT = "111111111111";
const TOOLING = "222222222222";
const withAccount = { ...dev, account: ACCOUNT };

const outdir = mkdtempSync(join(tmpdir(), "environments-"));
const app = new App({ outdir });
for (const environment of [withAccount, staging])
  addStates(app, { platform: inventory, environment });
app.synth();
const environments = readEnvironments(outdir);
afterAll(() => {
  rmSync(outdir, { recursive: true });
});

test("the environments that have an account are told from those that have none", () => {
  expect(environments.map((environment) => [environment.name, hasAccount(environment)])).toEqual([
    ["dev", true],
    ["staging", false],
  ]);
});

test("a job's roles are those that the foundation makes for its GitHub environment", () => {
  const names = new Names(inventory, withAccount);
  expect(jobRoles(environments, "dev", TOOLING)).toEqual({
    region: "eu-west-1",
    account: ACCOUNT,
    ciRole: `arn:aws:iam::${TOOLING}:role/github-inventory-dev`,
    role: names.deployRoleArn,
  });
  expect(jobRoles(environments, "dev-plan", TOOLING)).toMatchObject({
    ciRole: `arn:aws:iam::${TOOLING}:role/github-inventory-dev-plan`,
    role: names.planRoleArn,
  });
});

test.each([
  [
    "qa",
    TOOLING,
    /GitHub environment is "qa", expected one of dev, dev-plan, staging, staging-plan/,
  ],
  ["staging", TOOLING, /environments\/staging\.ts: account is "000000000000"/],
  [
    "dev",
    "",
    /tooling account is "", expected 12 digits: set the repository variable TOOLING_ACCOUNT/,
  ],
])("of %s with tooling account %j there are no roles", (environment, tooling, error) => {
  expect(() => jobRoles(environments, environment, tooling)).toThrow(error);
});
