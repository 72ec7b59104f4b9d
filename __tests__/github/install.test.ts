import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { texts } from "./workflow-files";

const folder = mkdtempSync(join(tmpdir(), "install-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A project with the install script of CI, and one dependency that has a postinstall script. */
function project({ denies = false } = {}) {
  const root = mkdtempSync(join(folder, "project-"));
  const allowScripts = denies ? { [`file:${join(root, "evil-1.0.0.tgz")}`]: false } : {};
  const packed = join(root, "packed");
  mkdirSync(packed);
  const scripts = { postinstall: "touch ../../pwned" };
  writeJson(join(packed, "package.json"), { name: "evil", version: "1.0.0", scripts });
  npm(packed, "pack", "--pack-destination", root);
  const dependencies = { evil: "file:evil-1.0.0.tgz" };
  writeJson(join(root, "package.json"), {
    name: "x",
    version: "1.0.0",
    dependencies,
    allowScripts,
  });
  npm(root, "install", "--package-lock-only");
  mkdirSync(join(root, ".ci"));
  cpSync(".ci/install", join(root, ".ci", "install"));
  return root;
}

const writeJson = (file: string, content: object) => {
  writeFileSync(file, JSON.stringify(content));
};

const npm = (cwd: string, ...args: readonly string[]) =>
  spawnSync("npm", ["--offline", "--silent", ...args], { cwd });

function install(root: string) {
  const { status, stderr } = spawnSync("bash", [".ci/install"], { cwd: root, encoding: "utf8" });
  return { status, stderr, ran: existsSync(join(root, "pwned")) };
}

test("a package that wants to run a script and is not listed stops the installation", () => {
  expect(install(project())).toEqual({
    status: 1,
    stderr: expect.stringContaining("evil@1.0.0") as string,
    ran: false,
  });
}, 30_000);

test("a package that is denied its script is installed without it", () => {
  expect(install(project({ denies: true }))).toMatchObject({ status: 0, ran: false });
}, 30_000);

test("no package of this project runs a script when it is installed", () => {
  const { allowScripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
    allowScripts: Record<string, boolean>;
  };
  expect(Object.values(allowScripts)).not.toContain(true);
});

test("CI installs by no other way", () => {
  const files = [...texts, [".ci/run", readFileSync(".ci/run", "utf8")] as const];
  expect(files.flatMap(([, text]) => text.match(/npm (ci|i|install)\b.*/g) ?? [])).toEqual([]);
  for (const file of [".github/actions/setup/action.yml", ".ci/run"]) {
    expect(readFileSync(file, "utf8")).toContain("bash .ci/install");
  }
});
