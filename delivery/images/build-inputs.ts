import { execFile, spawn } from "node:child_process";
import { posix } from "node:path";
import { promisify } from "node:util";
import type { Image } from "../../model/image";
import { parseDockerignore } from "./dockerignore";

const run = promisify(execFile);

/** Git cannot say which commit an image was built from. */
export class UnknownCommit extends Error {}

/** The files in which Docker looks for the ignore rules of an image. It uses the first one that exists. */
export const ignoreFilesOf = ({ context, dockerfile }: Image) => [
  `${dockerfile}.dockerignore`,
  posix.join(context, ".dockerignore"),
];

/**
 * The commit that an image is tagged with: the last one on the first-parent line of HEAD that changed what the
 * image is built from. That is its Dockerfile, its ignore file, and the files of its context that are not ignored.
 * None of these has changed since then, so the commit and HEAD give the same image.
 *
 * @param directory the root of the repository, which the paths of `image` are relative to
 * @throws UnknownCommit without Git, without a commit, in a shallow clone, and when the Dockerfile is not committed
 */
export async function lastCommitOf(image: Image, directory: string): Promise<string> {
  await refuseShallowClone(directory);
  const isInput = await inputsAtHead(image, directory);
  for await (const { commit, files } of commits(directory, pathsOf(image))) {
    if (files.some(isInput)) return commit;
  }
  throw new UnknownCommit(
    `${image.dockerfile} is not committed: commit it, or name the image with --image-tag`,
  );
}

/** The files that an image is built from and that differ from HEAD or are not tracked by Git. */
export async function uncommittedFiles(image: Image, directory: string): Promise<string[]> {
  const isInput = await inputsAtHead(image, directory);
  const paths = ["--", ...pathsOf(image)];
  const listed = await Promise.all([
    git(directory, "diff", "--name-only", "--no-renames", "--relative", "-z", "HEAD", ...paths),
    // Files that Git ignores are listed, too, because Docker does not know `.gitignore`.
    git(directory, "ls-files", "--others", "-z", ...paths),
  ]);
  const files = listed.flatMap((list) => list.split("\0")).filter((file) => file !== "");
  return files.map((file) => file.replace(/\/$/, "")).filter(isInput);
}

/** Returns a function that says whether an image is built from a path, according to the committed ignore rules. */
async function inputsAtHead(image: Image, directory: string) {
  const candidates = ignoreFilesOf(image);
  const committed = await git(directory, "ls-tree", "--name-only", "-z", "HEAD", ...candidates);
  const ignoreFile = candidates.find((file) => committed.split("\0").includes(file));
  const text = ignoreFile && (await git(directory, "show", `HEAD:./${ignoreFile}`));
  const { ignores } = parseDockerignore(text ?? "", ignoreFile);
  return (path: string) => {
    if (path === image.dockerfile || candidates.includes(path)) return true;
    const inContext = posix.relative(image.context, path);
    return !inContext.startsWith("../") && !ignores(inContext);
  };
}

const pathsOf = (image: Image) => [image.context, image.dockerfile, ...ignoreFilesOf(image)];

async function refuseShallowClone(directory: string) {
  const isShallow = await git(directory, "rev-parse", "--is-shallow-repository");
  if (isShallow.trim() !== "true") return;
  throw new UnknownCommit(
    "This clone is shallow, so Git cannot say which commit last changed what an image is built from. Fetch the history, git fetch --unshallow (in GitHub Actions: actions/checkout with fetch-depth: 0), or name the image with --image-tag.",
  );
}

/** The commits on the first-parent line of HEAD that change one of the paths, the last one first. */
async function* commits(directory: string, paths: readonly string[]) {
  // This mark distinguishes a commit from a path, because Git lists no path that begins with a slash.
  const mark = "//";
  const child = spawn(
    "git",
    [
      // Git before 2.31 lists the files of a merge only with -m.
      // With log.showRoot, the files of the first commit are listed whatever the user's configuration says.
      ...["-c", "log.showRoot=true", "log", "--first-parent", "-m", "--no-renames", "--relative"],
      ...["--name-only", "-z", `--format=${mark}%H`, "HEAD", "--", ...paths],
    ],
    { cwd: directory, stdio: ["ignore", "pipe", "inherit"] },
  );
  let current: { commit: string; files: string[] } | undefined;
  try {
    for await (const entry of entriesOf(child.stdout)) {
      if (entry.startsWith(mark)) {
        if (current) yield current;
        current = { commit: entry.slice(mark.length), files: [] };
      } else current?.files.push(entry);
    }
    if (current) yield current;
  } finally {
    // The history can be long, and the rest of it is not needed once the commit is found.
    child.kill();
  }
}

/** The entries of a list that NUL characters separate. Git also puts a line break between a commit and its files. */
async function* entriesOf(stream: AsyncIterable<Buffer>) {
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + chunk.toString("latin1")).split("\0");
    rest = parts.pop() ?? "";
    yield* parts.map(text).filter((entry) => entry !== "");
  }
}

/** Decodes an entry as UTF-8. Only whole entries are decoded, because the end of a chunk can split a character. */
const text = (bytes: string) => Buffer.from(bytes, "latin1").toString().replace(/^\n/, "");

/** @throws UnknownCommit with the message of Git */
async function git(directory: string, ...args: readonly string[]): Promise<string> {
  try {
    return (await run("git", args, { cwd: directory, maxBuffer: 256 * 1024 * 1024 })).stdout;
  } catch (error) {
    const { stderr = "", message } = error as Error & { stderr?: string };
    throw new UnknownCommit(
      `Git cannot say which commit an image was built from: ${stderr.trim() || message}\nRun this in a clone of the repository that has a commit, or name the image with --image-tag.`,
      { cause: error },
    );
  }
}
