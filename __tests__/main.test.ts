import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dev } from "../environments/dev";
import { prod } from "../environments/prod";
import { staging } from "../environments/staging";
import { parsed } from "./support/synthesized";

const outdir = mkdtempSync(join(tmpdir(), "cdktf-"));

beforeAll(async () => {
  // The accounts as they are once somebody has set their own.
  Object.assign(dev, { account: "111111111111" });
  Object.assign(staging, { account: "222222222222" });
  Object.assign(prod, { account: "333333333333" });
  process.env.CDKTF_OUTDIR = outdir;
  await import("../main");
});

afterAll(() => {
  delete process.env.CDKTF_OUTDIR;
  rmSync(outdir, { recursive: true });
});

test.each([
  ["dev", "arn:aws:iam::222222222222:role/ci-inventory-staging-deploy"],
  ["staging", "arn:aws:iam::333333333333:role/ci-inventory-prod-deploy"],
])("the images of %s are promoted by %s alone", (environment, role) => {
  expect(policiesOf(environment)).toMatchObject([
    { Statement: [{ Condition: { ArnEquals: { "aws:PrincipalArn": role } } }] },
  ]);
});

test("the images of prod are promoted by nobody", () => {
  expect(policiesOf("prod")).toEqual([]);
});

function policiesOf(environment: string) {
  const file = join(outdir, "stacks", `${environment}-ecr`, "cdk.tf.json");
  const { resource } = JSON.parse(readFileSync(file, "utf8")) as {
    resource: { aws_ecr_repository_policy?: Record<string, { policy: string }> };
  };
  return Object.values(resource.aws_ecr_repository_policy ?? {}).map((each) => parsed(each.policy));
}
