import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DeployRecords } from "../../../delivery/deploy/deploy-records";
import { CONFIG_FILE } from "../../../delivery/synthesized/config";
import { isAlb, isService, readStates, type State } from "../../../delivery/synthesized/states";
import { platform as inventory } from "../../../platforms/inventory/platform";
import { appOf, someAccount } from "../../support/app";

const KEY = "dev/ecs-service/terraform.tfstate";
const RECORD = "dev/ecs-service/deployed.json";

/** What is in the bucket, each object in versions that are counted. */
class Bucket {
  readonly versions = new Map([
    [KEY, 1],
    ["dev/alb/terraform.tfstate", 1],
  ]);
  readonly contents = new Map<string, string>();

  read(key: string) {
    return Promise.resolve(this.contents.get(key));
  }

  version(key: string) {
    return Promise.resolve(this.versions.get(key)?.toString());
  }

  write(key: string, content: string) {
    this.contents.set(key, content);
    return Promise.resolve();
  }
}

const folder = mkdtempSync(join(tmpdir(), "deploy-records-"));
const synthesized = join(folder, "synthesized");
const outdir = join(folder, "cdktf.out");
let bucket: Bucket;
let service: State;

beforeAll(() => {
  mkdirSync(synthesized);
  appOf(inventory, [someAccount], synthesized).synth();
});

beforeEach(async () => {
  cpSync(synthesized, outdir, { recursive: true });
  bucket = new Bucket();
  service = stateThat(isService);
  const records = recordsOf();
  await records.note(service);
  await records.keepPlanned([service], planOf("no changes"));
});

afterEach(() => {
  rmSync(outdir, { recursive: true });
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function stateThat(is: (state: State) => boolean) {
  const found = readStates(outdir).find(is);
  if (!found) throw new Error("there is no such state");
  return found;
}

const recordsOf = (image = "one", env: NodeJS.ProcessEnv = {}) =>
  new DeployRecords(bucket, new Map([["inventory", image]]), env);

const planOf = (outcome: "changes" | "no changes") => ({
  states: [{ state: service.name, outcome, detail: "", changes: [], plan: "" }],
});

const isUnchanged = async (records = recordsOf()) =>
  (await records.unchanged([service])).has(service.name);

const put = (name: string, content = "{}") => {
  mkdirSync(dirname(join(service.directory, name)), { recursive: true });
  writeFileSync(join(service.directory, name), content);
};

test("a state is unchanged when it would be deployed from the same again", async () => {
  expect(await isUnchanged()).toBe(true);
});

test.each([
  CONFIG_FILE,
  ".terraform.lock.hcl",
  "backend_override.tf.json",
  "terraform.tfvars",
  "assets/page.html",
])("another %s in the state's folder counts as a change", async (name) => {
  const config = readFileSync(join(service.directory, CONFIG_FILE), "utf8");
  put(name, `${config}\n`);
  expect(await isUnchanged()).toBe(false);
});

test.each<[string, () => unknown]>([
  ["a state that something else wrote", () => bucket.versions.set(KEY, 2)],
  ["a state that is gone", () => bucket.versions.delete(KEY)],
  [
    "another version of a state that it reads",
    () => bucket.versions.set("dev/alb/terraform.tfstate", 2),
  ],
  ["a record that is gone", () => bucket.contents.delete(RECORD)],
  ["a damaged record", () => bucket.contents.set(RECORD, '{"files": "')],
  ["a record of another form", () => bucket.contents.set(RECORD, "null")],
  ["an unreadable record", () => (bucket.read = () => Promise.reject(new Error("AccessDenied")))],
])("%s counts as a change", async (_, change) => {
  change();
  expect(await isUnchanged()).toBe(false);
});

test("another image counts as a change, and so does another value of a variable", async () => {
  expect(await isUnchanged(recordsOf("two"))).toBe(false);
  expect(await isUnchanged(recordsOf("one", { TF_VAR_region: "eu-west-3" }))).toBe(false);
});

test("what Terraform leaves in the folder, and a variable of other states, count as no change", async () => {
  put(".terraform/terraform.tfstate");
  put("planned.tfplan");
  expect(await isUnchanged(recordsOf("one", { TF_VAR_unknown: "x" }))).toBe(true);
});

test("another image is no change of a state that has none", async () => {
  const alb = stateThat(isAlb);
  const records = recordsOf();
  await records.note(alb);
  await records.keepApplied(alb);
  const others = new DeployRecords(bucket, new Map(), { TF_VAR_image_tag: "two" });
  expect(await others.unchanged([alb])).toEqual(new Set([alb.name]));
});

test("a state that was never written is never unchanged", async () => {
  bucket.versions.delete(KEY);
  const records = recordsOf();
  await records.note(service);
  await records.keepApplied(service);
  expect(await isUnchanged()).toBe(false);
});

test("an applied state is unchanged in the version that its apply has written", async () => {
  const records = recordsOf("two");
  await records.note(service);
  await records.keepPlanned([service], planOf("changes"));
  expect(await isUnchanged(recordsOf("two"))).toBe(false);
  bucket.versions.set(KEY, 2);
  await records.keepApplied(service);
  expect(await isUnchanged(recordsOf("two"))).toBe(true);
  expect(await isUnchanged(recordsOf("one"))).toBe(false);
});

test("a state whose apply was killed counts as changed, even for what was deployed before", async () => {
  await recordsOf("two").forget(service);
  expect(await isUnchanged()).toBe(false);
});

test("what changes while a state is planned counts as a change", async () => {
  const records = recordsOf();
  await records.note(service);
  bucket.versions.set(KEY, 2);
  await records.keepPlanned([service], planOf("no changes"));
  expect(await isUnchanged()).toBe(false);
});

test("a record that cannot be written fails no deploy", async () => {
  const error = jest.spyOn(console, "error").mockImplementation(() => undefined);
  bucket.write = () => Promise.reject(new Error("AccessDenied"));
  const records = recordsOf();
  await records.note(service);
  await records.keepApplied(service);
  expect(error).toHaveBeenCalledWith(
    "The next deploy plans dev-ecs-service again, because its record could not be written: AccessDenied",
  );
  error.mockRestore();
});

test("a record tells no value", () => {
  expect(JSON.parse(bucket.contents.get(RECORD) ?? "")).toEqual({
    files: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    variables: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    versions: { [KEY]: "1", "dev/alb/terraform.tfstate": "1" },
  });
});
