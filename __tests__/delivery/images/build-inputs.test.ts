import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  lastCommitOf,
  uncommittedFiles,
  UnknownCommit,
} from "../../../delivery/images/build-inputs";
import { GitRepository } from "../../support/git-repository";

// Each test starts many processes of Git.
jest.setTimeout(30_000);

const web = { context: "web", dockerfile: "web/Dockerfile" };
const worker = { context: "worker", dockerfile: "docker/worker" };

let repository: GitRepository;
let first: string;

beforeEach(() => {
  repository = new GitRepository();
  repository.write("web/Dockerfile", "FROM node");
  repository.write("web/.dockerignore", "*.md\ncache\n");
  repository.write("web/server.js", "1");
  repository.write("docker/worker", "FROM node");
  repository.write("worker/main.py", "1");
  first = repository.commit();
});

afterEach(() => {
  repository.remove();
});

const last = (image = web) => lastCommitOf(image, repository.directory);
const uncommitted = (image = web) => uncommittedFiles(image, repository.directory);

test("the first commit is that of every image", async () => {
  expect([await last(), await last(worker)]).toEqual([first, first]);
});

test.each([
  "web/server.js",
  "web/Dockerfile",
  "web/.dockerignore",
  "web/new/deep.js",
  'web/"quoted"\t\\ ümlaut.js',
  "web/Dockerfile.dockerignore",
])("a commit of %j changes one image only", async (file) => {
  const commit = repository.commit(file, "changed");
  repository.commit("README.md");
  expect([await last(), await last(worker)]).toEqual([commit, first]);
});

test.each(["README.md", "web/notes.md", "web/cache/a.js", "website/a.js", "worker.py"])(
  "a commit of %s changes no image",
  async (file) => {
    repository.commit(file);
    expect([await last(), await last(worker)]).toEqual([first, first]);
  },
);

test("a Dockerfile outside of its context counts, and what stands beside it does not", async () => {
  repository.commit("docker/web");
  expect(await last(worker)).toBe(first);
  const commit = repository.commit("docker/worker", "FROM python");
  expect([await last(), await last(worker)]).toEqual([first, commit]);
});

test("the ignore file that bears the Dockerfile's name goes before the one of the context", async () => {
  const added = repository.commit("web/Dockerfile.dockerignore", "server.js");
  repository.commit("web/server.js", "2");
  expect(await last()).toBe(added);
  const notes = repository.commit("web/notes.md");
  expect(await last()).toBe(notes);
});

test("files that are deleted, moved away, or made executable change an image", async () => {
  repository.git("mv", "web/server.js", "server.js");
  const away = repository.commit();
  expect(await last()).toBe(away);
  repository.git("mv", "server.js", "web/server.js");
  const back = repository.commit();
  expect(await last()).toBe(back);
  repository.git("update-index", "--chmod=+x", "web/server.js");
  repository.git("commit", "--quiet", "--message", "x");
  expect(await last()).toBe(repository.git("rev-parse", "HEAD"));
});

test("of a branch, it is the commit that merged it, and not one that main never was", async () => {
  repository.git("checkout", "--quiet", "-b", "branch");
  repository.commit("web/server.js", "2");
  repository.git("checkout", "--quiet", "main");
  repository.commit("README.md");
  repository.git("merge", "--quiet", "--no-ff", "--message", "merge", "branch");
  const merge = repository.git("rev-parse", "HEAD");
  repository.commit("README.md", "more");
  expect([await last(), await last(worker)]).toEqual([merge, first]);
});

test("a merge of main into a branch changes what main has changed", async () => {
  repository.git("checkout", "--quiet", "-b", "branch");
  repository.commit("notes.md");
  repository.git("checkout", "--quiet", "main");
  repository.commit("web/server.js", "2");
  repository.git("checkout", "--quiet", "branch");
  repository.git("merge", "--quiet", "--no-ff", "--message", "merge", "main");
  expect([await last(), await last(worker)]).toEqual([repository.git("rev-parse", "HEAD"), first]);
});

test("a merge that keeps nothing of its branch changes no image", async () => {
  repository.git("checkout", "--quiet", "-b", "branch");
  repository.commit("web/server.js", "2");
  repository.git("checkout", "--quiet", "main");
  repository.git("merge", "--quiet", "--no-ff", "--strategy=ours", "--message", "merge", "branch");
  expect([await last(), await last(worker)]).toEqual([first, first]);
});

test("the whole repository can be a context", async () => {
  repository.write(".dockerignore", "*\n!worker\n");
  const image = { context: ".", dockerfile: "docker/worker" };
  const commit = repository.commit();
  repository.commit("web/server.js", "2");
  repository.commit("README.md");
  expect(await last(image)).toBe(commit);
  const next = repository.commit("worker/deep/new.py");
  expect(await last(image)).toBe(next);
});

test("files that are not committed are named, of the image that they are built into", async () => {
  expect(await uncommitted()).toEqual([]);
  repository.write(".gitignore", "*.secret\n");
  repository.write("web/server.js", "2");
  repository.write("web/new.js", "1");
  repository.write("web/key.secret", "1");
  repository.write("web/notes.md", "1");
  repository.write("web/cache/a.js", "1");
  repository.write("README.md", "1");
  expect((await uncommitted()).sort()).toEqual(["web/key.secret", "web/new.js", "web/server.js"]);
  expect(await uncommitted(worker)).toEqual([]);
  expect(await last()).toBe(first);
});

test("a shallow clone is refused, with what to do", async () => {
  repository.commit("README.md");
  const clone = mkdtempSync(join(tmpdir(), "shallow-"));
  repository.git("clone", "--quiet", "--depth=1", `file://${repository.directory}`, clone);
  const error = await lastCommitOf(web, clone).catch((reason: unknown) => reason);
  rmSync(clone, { recursive: true });
  expect(error).toBeInstanceOf(UnknownCommit);
  expect((error as Error).message).toContain("git fetch --unshallow");
});

test("without Git, without a commit or without a Dockerfile it says what to do", async () => {
  const folder = mkdtempSync(join(tmpdir(), "no-git-"));
  await expect(lastCommitOf(web, folder)).rejects.toThrow(/not a git repository[^]*--image-tag/);
  rmSync(folder, { recursive: true });
  const empty = new GitRepository();
  await expect(lastCommitOf(web, empty.directory)).rejects.toThrow(
    /name the image with --image-tag/,
  );
  empty.commit("README.md");
  await expect(lastCommitOf(web, empty.directory)).rejects.toThrow(
    "web/Dockerfile is not committed",
  );
  empty.remove();
});
