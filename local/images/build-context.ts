import { createHash } from "node:crypto";
import { access, constants, readdir, readFile, readlink, stat } from "node:fs/promises";
import { join, posix } from "node:path";
import type { Image } from "../../model/image";
import { ignoreFilesOf } from "../../delivery/images/build-inputs";
import { type Dockerignore, parseDockerignore } from "../../delivery/images/dockerignore";
import { parseDockerfile, type Stage } from "./dockerfile";

/** The folder that an image is built from, in the terms of `docker build`. */
export interface BuildContext {
  readonly directory: string;
  /** Path of the Dockerfile, which may be outside of the folder. */
  readonly dockerfile: string;
  readonly stages: Stage[];
  /** The files that control the build: the Dockerfile, and the ignore file if there is one. */
  readonly recipe: string[];
  /** The rules of the ignore file, for the files of the folder that are not part of the build context. */
  readonly ignore: Dockerignore;
}

/**
 * Reads the Dockerfile of an image and its ignore file.
 *
 * @param root the folder that the paths of `image` are relative to
 * @throws Error when there is no Dockerfile or the ignore file cannot be interpreted, DockerfileError when the
 * Dockerfile cannot be interpreted
 */
export async function readBuildContext(root: string, image: Image): Promise<BuildContext> {
  const dockerfile = join(root, image.dockerfile);
  const text = await readFile(dockerfile, "utf8").catch(() => {
    throw new Error(`${dockerfile} does not exist: an image is built from a Dockerfile`);
  });
  const candidates = ignoreFilesOf(image).map((file) => join(root, file));
  const isThere = await Promise.all(candidates.map(exists));
  const ignoreFile = candidates.find((_, i) => isThere[i]);
  const rules = ignoreFile === undefined ? "" : await readFile(ignoreFile, "utf8");
  return {
    directory: join(root, image.context),
    dockerfile,
    stages: parseDockerfile(text, dockerfile),
    recipe: [dockerfile, ...(ignoreFile === undefined ? [] : [ignoreFile])],
    ignore: parseDockerignore(rules, ignoreFile),
  };
}

const NOTHING_IGNORED = parseDockerignore("");

/**
 * Lists the files under a path of a folder. The result is sorted and relative to the folder. Symbolic links are listed
 * and not followed.
 *
 * @param ignore the rules for files to leave out. @default - all files are listed
 */
export async function filesUnder(
  directory: string,
  relativePath: string,
  ignore: Dockerignore = NOTHING_IGNORED,
): Promise<string[]> {
  const entries = await readdir(join(directory, relativePath), { withFileTypes: true }).catch(
    (error: unknown) => {
      if (isNotAFolder(error)) return undefined;
      throw error;
    },
  );
  if (!entries) return ignore.ignores(relativePath) ? [] : [relativePath];
  const nested = await Promise.all(
    entries.map((entry) => {
      const child = posix.join(relativePath, entry.name);
      const isIgnored = ignore.ignores(child);
      if (!entry.isDirectory()) return Promise.resolve(isIgnored ? [] : [child]);
      // An ignored folder such as node_modules is not read, because that would take long and find no file.
      if (isIgnored && !ignore.keepsSomethingIn(child)) return Promise.resolve([]);
      return filesUnder(directory, child, ignore);
    }),
  );
  return nested.flat().sort();
}

function isNotAFolder(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOTDIR";
}

/** A line with a file's path, executable bit and hash of the content. Two files are equal if their lines are. */
export async function fingerprint(directory: string, relativePath: string): Promise<string> {
  const file = join(directory, relativePath);
  const link = await readlink(file).catch(() => undefined);
  if (link !== undefined) return `link ${link} ${relativePath}\n`;
  const { mode } = await stat(file);
  const hash = createHash("sha256").update(await readFile(file));
  return `${mode & 0o100 ? "x" : "-"} ${hash.digest("hex")} ${relativePath}\n`;
}

/** Whether a file or folder exists at a path. */
export async function exists(file: string): Promise<boolean> {
  return access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
}
