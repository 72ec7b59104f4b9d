import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Image } from "../../model/image";
import {
  ignoreFilesOf,
  lastCommitOf,
  uncommittedFiles,
  UnknownCommit,
} from "../../delivery/images/build-inputs";
import {
  exists,
  filesUnder,
  fingerprint,
  readBuildContext,
  type BuildContext,
} from "./build-context";
import { runCommand } from "./run-command";

/**
 * The tag of an image, which has 40 hex digits. It is the last commit that changed the files that the image is built
 * from. If Git does not know that commit, or some of the files are not committed, the tag is a hash of the files.
 *
 * @param root the folder that the paths of `image` are relative to
 */
export async function imageTag(root: string, image: Image): Promise<string> {
  return (await committedTag(root, image)) ?? contentTag(await readBuildContext(root, image));
}

async function committedTag(root: string, image: Image): Promise<string | undefined> {
  try {
    const changed = await uncommittedFiles(image, root);
    return changed.length > 0 ? undefined : await lastCommitOf(image, root);
  } catch (error) {
    if (error instanceof UnknownCommit) return undefined;
    throw error;
  }
}

async function contentTag({ directory, recipe, ignore }: BuildContext): Promise<string> {
  const copied = await filesUnder(directory, ".", ignore);
  const files = [...recipe.map((file) => relative(directory, file)), ...copied];
  const hash = createHash("sha256");
  for (const file of [...new Set(files)].sort()) hash.update(await fingerprint(directory, file));
  return hash.digest("hex").slice(0, 40);
}

/** A copy of the files that an image is built from. */
interface ExportedFiles {
  /** The folder that the paths of the image are relative to. */
  readonly root: string;
  /** Deletes the copy. */
  dispose(): Promise<void>;
}

/**
 * Copies the files that an image is built from, as they were at a commit, into a temporary folder. If `sha` is not a
 * commit of the repository, there is no copy and the result has `root` itself.
 *
 * @param root a folder of the repository. The paths of `image` are relative to it.
 * @param temporaryDirectory the folder in which the temporary folder is created
 */
export async function exportCommit(props: {
  readonly root: string;
  readonly image: Image;
  readonly sha: string;
  readonly temporaryDirectory: string;
}): Promise<ExportedFiles> {
  const { root, image, sha, temporaryDirectory } = props;
  const git = (...args: string[]) => runCommand("git", args, { cwd: root });
  const isCommit = await git("cat-file", "-e", `${sha}^{commit}`).then(
    () => true,
    () => false,
  );
  if (!isCommit) return { root, dispose: () => Promise.resolve() };

  await mkdir(temporaryDirectory, { recursive: true });
  const copy = await mkdtemp(join(temporaryDirectory, `commit-${sha.slice(0, 8)}-`));
  const exported = join(copy, "root");
  await mkdir(exported);
  const archive = join(copy, "files.tar");
  const files = await git("ls-tree", "--name-only", "-z", sha, ...ignoreFilesOf(image));
  const paths = [image.context, image.dockerfile, ...files.split("\0").filter(Boolean)];
  await git("archive", "--output", archive, sha, ...paths);
  await runCommand("tar", ["-xf", archive, "-C", exported], { cwd: copy });
  await linkModules(join(root, image.context), join(exported, image.context));
  return { root: exported, dispose: () => rm(copy, { recursive: true, force: true }) };
}

/** Links the installed modules into the copy if the commit has the same lockfile. Otherwise the build runs `npm ci`. */
async function linkModules(installed: string, contextDirectory: string): Promise<void> {
  const lockfile = (folder: string) =>
    readFile(join(folder, "package-lock.json"), "utf8").catch(() => undefined);
  const modules = join(installed, "node_modules");
  const same = (await lockfile(installed)) === (await lockfile(contextDirectory));
  if (same && (await exists(modules))) {
    await symlink(modules, join(contextDirectory, "node_modules"));
  }
}
