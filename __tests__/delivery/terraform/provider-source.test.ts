import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { arch, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { providerSource } from "../../../delivery/terraform/provider-source";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "provider-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const target = `${platform()}_${arch() === "x64" ? "amd64" : arch()}`;

function makeMirror(...at: string[]) {
  const mirror = join(folder, ...at);
  const provider = join(mirror, "registry.terraform.io", "hashicorp", "aws");
  mkdirSync(join(provider, "5.100.0", target), { recursive: true });
  return mirror;
}

/** Only the folders of the test are searched, and not those of the machine. */
const find = (env: NodeJS.ProcessEnv = {}, softwareRoots: string[] = []) =>
  providerSource({
    directory: join(folder, "tools"),
    env: { XDG_DATA_HOME: folder, XDG_DATA_DIRS: folder, ...env },
    softwareRoots,
  });

const configuration = (source: Record<string, string>) =>
  readFileSync(source.TF_CLI_CONFIG_FILE ?? "", "utf8");

test("a configuration of the user's that says where providers are is left alone", () => {
  const own = join(folder, "own.tfrc");
  writeFileSync(own, 'provider_installation { network_mirror { url = "https://example.org/" } }');
  expect(find({ TF_CLI_CONFIG_FILE: own })).toEqual({});
});

test("the rest of the user's configuration stays in force beside a mirror", () => {
  const own = join(folder, "own.tfrc");
  writeFileSync(own, 'credentials "example.org" { token = "t" }');
  const mirror = makeMirror("mirror");
  const written = configuration(find({ TF_CLI_CONFIG_FILE: own, TF_PLUGIN_MIRROR: mirror }));
  expect(written).toContain('credentials "example.org"');
  expect(written).toContain(`path    = "${mirror}"`);
});

test("a TF_CLI_CONFIG_FILE that names a missing file is replaced by one that is there", () => {
  const source = find({ TF_CLI_CONFIG_FILE: join(folder, "missing.tfrc") });
  expect(existsSync(source.TF_CLI_CONFIG_FILE ?? "")).toBe(true);
});

test("a mirror is found one level under a software root", () => {
  const mirror = makeMirror("opt", "terraform-providers");
  expect(configuration(find({}, [join(folder, "opt")]))).toContain(`path    = "${mirror}"`);
});

test("a mirror is found where Terraform itself looks", () => {
  const mirror = makeMirror("terraform", "plugins");
  expect(configuration(find())).toContain(`path    = "${mirror}"`);
});

test("a mirror without the locked version is passed over", () => {
  const provider = join(folder, "opt", "old", "registry.terraform.io", "hashicorp", "aws");
  mkdirSync(join(provider, "4.0.0", target), { recursive: true });
  expect(configuration(find({}, [join(folder, "opt")]))).toBe("");
});

test("a mirror of zip files counts too", () => {
  const provider = join(folder, "opt", "zips", "registry.terraform.io", "hashicorp", "aws");
  mkdirSync(provider, { recursive: true });
  writeFileSync(join(provider, `terraform-provider-aws_5.100.0_${target}.zip`), "");
  expect(configuration(find({}, [join(folder, "opt")]))).toContain("filesystem_mirror");
});

test("from the registry it is downloaded once for all states", () => {
  const source = find();
  expect(existsSync(source.TF_PLUGIN_CACHE_DIR ?? "")).toBe(true);
  expect(find({ TF_PLUGIN_CACHE_DIR: "/own/cache" })).not.toHaveProperty("TF_PLUGIN_CACHE_DIR");
});
