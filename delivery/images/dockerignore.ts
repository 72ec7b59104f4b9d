import { posix } from "node:path";

/** Says which files of a build context Docker leaves out. Paths are relative to the context. */
export interface Dockerignore {
  readonly ignores: (path: string) => boolean;
  /** Whether a file in a folder may be part of the context although the folder itself is ignored. */
  readonly keepsSomethingIn: (folder: string) => boolean;
}

interface Rule {
  /** Whether the pattern began with `!`, which takes back what an earlier pattern ignores. */
  readonly keeps: boolean;
  readonly pattern: string;
  readonly matches: (path: string) => boolean;
}

/**
 * Reads a `.dockerignore`. The last pattern that matches a path, or a folder above it, decides.
 *
 * @param file the name of the file, for messages
 * @throws for a pattern with a character class or an escape; the message names its line
 * @see https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function parseDockerignore(text: string, file = ".dockerignore"): Dockerignore {
  const rules = text.split("\n").flatMap((line, i): Rule[] => {
    const trimmed = line.trim();
    if (trimmed === "" || line.startsWith("#")) return [];
    refuseUnsupported(trimmed, `${file}:${i + 1}`);
    const keeps = trimmed.startsWith("!");
    const written = keeps ? trimmed.slice(1).trim() : trimmed;
    const pattern = posix.normalize(written).replace(/^\/|\/$/g, "");
    return [{ keeps, pattern, matches: matcher(pattern) }];
  });
  return {
    ignores: (path) => rules.findLast(({ matches }) => matches(path))?.keeps === false,
    keepsSomethingIn: (folder) => rules.some((rule) => rule.keeps && mayMatchIn(folder, rule)),
  };
}

function refuseUnsupported(pattern: string, place: string) {
  const unsupported = /[[\]\\]/.exec(pattern)?.[0];
  if (unsupported === undefined) return;
  throw new Error(
    `${place}: the pattern "${pattern}" contains "${unsupported}", expected only names, /, *, ** and ?, and ! before the pattern: write the names out, or use *`,
  );
}

function matcher(pattern: string) {
  const source = pattern.replace(
    /\*\*\/|\*\*|[*?.+^${}()|]/g,
    (token) => WILDCARDS[token] ?? `\\${token}`,
  );
  const expression = new RegExp(`^${source}(/|$)`);
  return (path: string) => expression.test(path);
}

const WILDCARDS: Readonly<Record<string, string | undefined>> = {
  "**/": "(.*/)?",
  "**": ".*",
  "*": "[^/]*",
  "?": "[^/]",
};

function mayMatchIn(folder: string, { pattern }: Rule) {
  const [beforeWildcard = ""] = pattern.split(/[*?]/, 1);
  const within = `${folder}/`;
  return (
    beforeWildcard.startsWith(within) ||
    (beforeWildcard !== pattern && within.startsWith(beforeWildcard))
  );
}
