import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

jest.setTimeout(300_000);

const folder = mkdtempSync(join(tmpdir(), "cdk-terrain-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const guide = readFileSync(join("docs", "cdk-terrain.md"), "utf8");

/** The package that the guide puts under `name`, in npm's notation: `<package>@<version>`. */
function packageOf(name: string) {
  const version = new RegExp(`"${name}": "(npm:)?([^"]+)"`).exec(guide);
  if (version === null) throw new Error(`docs/cdk-terrain.md names no package for ${name}`);
  const [, alias, specification = ""] = version;
  return alias ? specification : `${name}@${specification}`;
}

/** The guide's command that renames the imports. */
const renameImports = /^git grep [^`]+/m.exec(guide)?.[0] ?? "false";

/** Unpacks a package of the registry. */
function unpack(name: string, into: string) {
  mkdirSync(into, { recursive: true });
  const npm = ["pack", "--silent", "--pack-destination", folder, name];
  const file = execFileSync("npm", npm, { encoding: "utf8" }).trim();
  execFileSync("tar", ["-xzf", join(folder, file), "-C", into, "--strip-components=1"]);
}

/**
 * A checkout that uses this project's installed packages, except for those that `replace` installs.
 */
function checkout(name: string, replace: (modules: string) => void) {
  const root = join(folder, name);
  execFileSync("git", ["clone", "--quiet", ".", root]);
  const modules = join(root, "node_modules");
  mkdirSync(modules);
  replace(modules);
  const replaced = readdirSync(modules);
  for (const entry of readdirSync("node_modules").filter((entry) => !replaced.includes(entry))) {
    symlinkSync(resolve("node_modules", entry), join(modules, entry));
  }
  return root;
}

interface Configuration {
  readonly terraform: { readonly required_providers: Readonly<Record<string, unknown>> };
}

/** The configuration of each state by its name, without the metadata that synth writes. */
function synth(root: string) {
  const output = join(folder, "output");
  rmSync(output, { recursive: true, force: true });
  execFileSync(process.execPath, ["--import", "tsx", "main.ts"], {
    cwd: root,
    env: { ...process.env, CDKTF_OUTDIR: output },
  });
  const stacks = join(output, "stacks");
  const configuration = (state: string) =>
    JSON.parse(readFileSync(join(stacks, state, "cdk.tf.json"), "utf8"), (key, value: unknown) =>
      key === "//" ? undefined : value,
    ) as Configuration;
  return new Map(readdirSync(stacks).map((state) => [state, configuration(state)]));
}

/** The same configuration with version 6 of the provider. */
const withNewProvider = ({ terraform, ...rest }: Configuration): Configuration => ({
  ...rest,
  terraform: {
    ...terraform,
    required_providers: {
      aws: { source: "hashicorp/aws", version: expect.stringMatching(/^6\./) as string },
    },
  },
});

test("with CDK Terrain in the place of cdktf, every state is the same", () => {
  const root = checkout("library", (modules) => {
    unpack(packageOf("cdktf"), join(modules, "cdktf"));
    // This must be a copy and not a link, because Node resolves a package's imports from the target
    // of a link.
    cpSync(join("node_modules", "@cdktf"), join(modules, "@cdktf"), { recursive: true });
  });
  const states = synth(root);
  expect(states.size).toBe(21);
  expect(states).toEqual(synth("."));
});

test("with version 6 of the AWS provider, only the provider's version differs", () => {
  const root = checkout("provider", (modules) => {
    unpack(packageOf("cdktn"), join(modules, "cdktn"));
    unpack(packageOf("@cdktn/provider-aws"), join(modules, "@cdktn", "provider-aws"));
    // The folder is empty, so that an import that was not renamed fails.
    mkdirSync(join(modules, "cdktf"));
  });
  execFileSync("bash", ["-c", renameImports], { cwd: root });
  const expected = [...synth(".")].map(
    ([state, configuration]) => [state, withNewProvider(configuration)] as const,
  );
  expect(synth(root)).toEqual(new Map(expected));
});
