import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportCommit, imageTag } from "../../../local/images/image-tag";

const image = { context: ".", dockerfile: "Dockerfile" };
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "image-tag-"));
  await mkdir(join(directory, "src"));
  await write("Dockerfile", 'FROM node:24\nCOPY src ./src\nCMD ["node", "src/server.js"]\n');
  await write(".dockerignore", "*\n!src\nsrc/*.md\n");
  await write(".gitignore", "*.secret\n");
  await write("src/server.js", "1");
});

afterEach(() => rm(directory, { recursive: true, force: true }));

const write = (file: string, text: string) => writeFile(join(directory, file), text);
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], {
    cwd: directory,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
const commit = () => {
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "--message", "first");
  return git("rev-parse", "HEAD");
};

test("the tag of a committed folder is the commit", async () => {
  const sha = commit();
  expect(await imageTag(directory, image)).toBe(sha);
});

test.each([
  ["a source", "src/server.js"],
  ["the Dockerfile", "Dockerfile"],
  ["the ignore file", ".dockerignore"],
  ["an untracked source", "src/new.js"],
  ["a source that Git ignores", "src/key.secret"],
])("an uncommitted change of %s makes it a hash of the content", async (_, file) => {
  const sha = commit();
  const before = await readFile(join(directory, file), "utf8").catch(() => "");
  await write(file, `${before}\n# changed`);
  const tag = await imageTag(directory, image);
  expect(tag).not.toBe(sha);
  expect(tag).toMatch(/^[0-9a-f]{40}$/);
});

test.each(["README.md", "src/notes.md"])(
  "a change of %s, which is not in the image, leaves the commit",
  async (file) => {
    const sha = commit();
    await write(file, "changed");
    expect(await imageTag(directory, image)).toBe(sha);
  },
);

test("without Git it is a hash of what goes into the image", async () => {
  const tag = await imageTag(directory, image);
  expect(tag).toMatch(/^[0-9a-f]{40}$/);
  await write("README.md", "changed");
  expect(await imageTag(directory, image)).toBe(tag);
  await write("src/server.js", "2");
  expect(await imageTag(directory, image)).not.toBe(tag);
  await write("src/server.js", "1");
  await write("Dockerfile", 'FROM node:24\nCOPY src ./src\nCMD ["node", "src/other.js"]\n');
  expect(await imageTag(directory, image)).not.toBe(tag);
});

test("a commit is exported as it was, and disposed of", async () => {
  const sha = commit();
  await write("src/server.js", "2");
  const temporaryDirectory = join(directory, "temporary");
  const exported = await exportCommit({ root: directory, image, sha, temporaryDirectory });
  const server = join(exported.root, "src/server.js");
  expect(await readFile(server, "utf8")).toBe("1");
  await exported.dispose();
  expect(existsSync(exported.root)).toBe(false);
});

test("a tag that is no commit means the folder as it is", async () => {
  commit();
  const sha = "0123456789012345678901234567890123456789";
  const exported = await exportCommit({
    root: directory,
    image,
    sha,
    temporaryDirectory: directory,
  });
  expect(exported.root).toBe(directory);
});
