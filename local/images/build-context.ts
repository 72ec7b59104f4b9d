import { createHash } from "node:crypto";
import { access, constants, readdir, readFile, readlink, stat } from "node:fs/promises";
import path from "node:path";
import { parseDockerfile, type Stage } from "./dockerfile";

/** The folder that an image is built from, as `docker build` sees it. */
export interface BuildContext {
  readonly directory: string;
  readonly stages: Stage[];
  /** The files that say how to build, relative to the folder. */
  readonly recipe: string[];
  /** The files and folders that COPY takes, relative to the folder. */
  readonly sources: string[];
  /** Whether `.dockerignore` keeps a path (relative to the folder) out. */
  readonly ignores: (relativePath: string) => boolean;
}

/**
 * Reads the Dockerfile and `.dockerignore` of a folder.
 *
 * @throws Error when there is no Dockerfile, DockerfileError when it cannot be interpreted
 */
export async function readBuildContext(directory: string): Promise<BuildContext> {
  const dockerfile = path.join(directory, "Dockerfile");
  const text = await readFile(dockerfile, "utf8").catch(() => {
    throw new Error(`${dockerfile} does not exist: an image is built from a Dockerfile`);
  });
  const ignoreFile = await readFile(path.join(directory, ".dockerignore"), "utf8").catch(() => "");
  const stages = parseDockerfile(text, dockerfile);
  const sources = stages.flatMap((stage) =>
    stage.steps.flatMap((step) => (step.keyword === "COPY" && !step.from ? step.sources : [])),
  );
  return {
    directory,
    stages,
    recipe: ["Dockerfile", ...(ignoreFile ? [".dockerignore"] : [])],
    sources: sources.map((source) => path.posix.join(".", source).replace(/\/$/, "")),
    ignores: dockerignore(ignoreFile),
  };
}

/** Docker's ignore rules: the last pattern that matches a path, or a folder above it, decides. */
function dockerignore(text: string): (relativePath: string) => boolean {
  const rules = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith("#"))
    .map((line) => ({ keeps: line.startsWith("!"), matches: globMatcher(line.replace(/^!/, "")) }));
  return (relativePath) => rules.findLast((rule) => rule.matches(relativePath))?.keeps === false;
}

function globMatcher(pattern: string): (relativePath: string) => boolean {
  const source = path.posix
    .normalize(pattern)
    .replace(/^\/|\/$/g, "")
    .replace(/\*\*\/|\*\*|[*?.+^${}()|[\]\\]/g, (token) => globTokens[token] ?? `\\${token}`);
  const expression = new RegExp(`^${source}(/|$)`);
  return (relativePath) => expression.test(relativePath);
}

const globTokens: Record<string, string | undefined> = {
  "**/": "(.*/)?",
  "**": ".*",
  "*": "[^/]*",
  "?": "[^/]",
};

/**
 * The files under a path of a folder, relative to the folder, sorted. Links are listed, not followed.
 *
 * @param skips paths to leave out. @default - none
 */
export async function filesUnder(
  directory: string,
  relativePath: string,
  skips: (relativePath: string) => boolean = () => false,
): Promise<string[]> {
  const entries = await readdir(path.join(directory, relativePath), { withFileTypes: true }).catch(
    (error: unknown) => {
      if (isNotAFolder(error)) return undefined;
      throw error;
    },
  );
  if (!entries) return skips(relativePath) ? [] : [relativePath];
  const nested = await Promise.all(
    entries.map((entry) => {
      const child = path.posix.join(relativePath, entry.name);
      // Ignored folders are not entered: nothing is re-included from node_modules.
      if (skips(child)) return Promise.resolve([]);
      return entry.isDirectory() ? filesUnder(directory, child, skips) : Promise.resolve([child]);
    }),
  );
  return nested.flat().sort();
}

function isNotAFolder(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOTDIR";
}

/** One line for a file's path, content and executable bit: equal lines, equal files. */
export async function fingerprint(directory: string, relativePath: string): Promise<string> {
  const file = path.join(directory, relativePath);
  const link = await readlink(file).catch(() => undefined);
  if (link !== undefined) return `link ${link} ${relativePath}\n`;
  const { mode } = await stat(file);
  const hash = createHash("sha256").update(await readFile(file));
  return `${mode & 0o100 ? "x" : "-"} ${hash.digest("hex")} ${relativePath}\n`;
}

/** Whether something exists at a path. */
export async function exists(file: string): Promise<boolean> {
  return access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
}
