import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import path from "node:path";
import {
  exists,
  filesUnder,
  fingerprint,
  readBuildContext,
  type BuildContext,
} from "./build-context";
import { runCommand } from "./run-command";

/**
 * The tag of the image that a folder makes, 40 hex digits: the commit's SHA when Git holds every file
 * that goes into the image unchanged, else a hash of those files.
 */
export async function imageTag(contextDirectory: string): Promise<string> {
  const context = await readBuildContext(contextDirectory);
  return (await committedTag(context)) ?? contentTag(context);
}

async function committedTag(context: BuildContext): Promise<string | undefined> {
  const git = (...args: string[]) => runCommand("git", args, { cwd: context.directory });
  try {
    const sha = (await git("rev-parse", "HEAD")).trim();
    const inputs = ["--", ...context.recipe, ...context.sources];
    const changed = await git("diff", "--name-only", "--relative", "-z", "HEAD", ...inputs);
    // What Git ignores but the image takes counts as changed too: `--others` lists both.
    const untracked = await git("ls-files", "-z", "--others", "--directory", ...inputs);
    const differs = `${changed}${untracked}`
      .split("\0")
      .filter((file) => file !== "")
      .some((file) => context.recipe.includes(file) || !context.ignores(file.replace(/\/$/, "")));
    return differs ? undefined : sha;
  } catch {
    return undefined; // No Git, no repository or no commit yet.
  }
}

async function contentTag(context: BuildContext): Promise<string> {
  const copied = await Promise.all(
    context.sources.map((source) => filesUnder(context.directory, source, context.ignores)),
  );
  const hash = createHash("sha256");
  for (const file of [...new Set([...context.recipe, ...copied.flat()])].sort()) {
    hash.update(await fingerprint(context.directory, file));
  }
  return hash.digest("hex").slice(0, 40);
}

/** A folder to build from, and how to be rid of it. */
interface ExportedContext {
  readonly contextDirectory: string;
  dispose(): Promise<void>;
}

/**
 * The folder as it was at a commit, in a temporary folder; the folder itself when `sha` is no commit
 * of its repository.
 *
 * @param directory a folder of the repository
 * @param temporaryDirectory where the copy is made
 */
export async function exportCommit(props: {
  readonly directory: string;
  readonly sha: string;
  readonly temporaryDirectory: string;
}): Promise<ExportedContext> {
  const { directory, sha, temporaryDirectory } = props;
  const git = (...args: string[]) => runCommand("git", args, { cwd: directory });
  const isCommit = await git("cat-file", "-e", `${sha}^{commit}`).then(
    () => true,
    () => false,
  );
  if (!isCommit) return { contextDirectory: directory, dispose: () => Promise.resolve() };

  await mkdir(temporaryDirectory, { recursive: true });
  const copy = await mkdtemp(path.join(temporaryDirectory, `commit-${sha.slice(0, 8)}-`));
  const contextDirectory = path.join(copy, "context");
  await mkdir(contextDirectory);
  const archive = path.join(copy, "context.tar");
  await git("archive", "--output", archive, sha, ".");
  await runCommand("tar", ["-xf", archive, "-C", contextDirectory], { cwd: copy });
  await linkModules(directory, contextDirectory);
  return { contextDirectory, dispose: () => rm(copy, { recursive: true, force: true }) };
}

/** The installed modules serve the commit too when its lockfile is the same; else `npm ci` runs. */
async function linkModules(installed: string, contextDirectory: string): Promise<void> {
  const lockfile = (folder: string) =>
    readFile(path.join(folder, "package-lock.json"), "utf8").catch(() => undefined);
  const modules = path.join(installed, "node_modules");
  const same = (await lockfile(installed)) === (await lockfile(contextDirectory));
  if (same && (await exists(modules))) {
    await symlink(modules, path.join(contextDirectory, "node_modules"));
  }
}
