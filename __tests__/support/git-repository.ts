import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A Git repository of a test, with nothing of the user's configuration. */
export class GitRepository {
  readonly directory = mkdtempSync(join(tmpdir(), "repository-"));

  constructor() {
    this.git("init", "--quiet", "--initial-branch=main");
  }

  git(...args: readonly string[]) {
    const identity = { NAME: "a", EMAIL: "a@example.com" };
    return execFileSync("git", args, {
      cwd: this.directory,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH,
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_CONFIG_SYSTEM: "/dev/null",
        ...Object.fromEntries(
          Object.entries(identity).flatMap(([name, value]) => [
            [`GIT_AUTHOR_${name}`, value],
            [`GIT_COMMITTER_${name}`, value],
          ]),
        ),
      },
    }).trim();
  }

  write(file: string, text: string) {
    const path = join(this.directory, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** Commits everything, with one more file if it is given. @returns the commit */
  commit(file?: string, text = file) {
    if (file !== undefined) this.write(file, text ?? "");
    this.git("add", "--all");
    this.git("commit", "--quiet", "--allow-empty", "--message", file ?? "all");
    return this.git("rev-parse", "HEAD");
  }

  remove() {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
