import { cp, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pythonWithPip } from "../prerequisites";
import { runCommand } from "./run-command";

/** Where the Python of an image keeps what pip installs, and the programs of it. */
const SITE_PACKAGES = (version: string) => `/usr/local/lib/python${version}/site-packages`;
const PROGRAMS = "/usr/local/bin";

/** Options of pip that would install outside of the image, or link to the files of this machine. */
const OUTSIDE = /^(-e|--editable|--prefix|--root|--user|--src)(=|$)/;

interface PipInstall {
  /** What stands after `pip install`. */
  readonly arguments: readonly string[];
  /** The version of the image's Python, such as `3.14`. */
  readonly version: string;
  /** Folder of the image's files. */
  readonly root: string;
  /** Folder of the instruction, on this machine. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * What stands after `pip install` in a command.
 *
 * @returns undefined for another command
 */
export function pipArguments(command: string): string[] | undefined {
  const [, given] = /^(?:python3? -m )?pip3? install (.*)$/.exec(command) ?? [];
  return given?.split(" ");
}

/**
 * Why `pip install` cannot run.
 *
 * @param version of the stage's Python
 * @returns undefined when it can
 */
export function pipRefusal(args: readonly string[], version?: string): string | undefined {
  if (version === undefined)
    return "pip is only in stages FROM python:<version>, as python:3.14-slim";
  const outside = args.find((arg) => OUTSIDE.test(arg));
  if (outside) return `${outside} is not supported; install into the image itself or with --target`;
  const shell = args.find((arg) => !/^[\w.,:=/@%+~![\]-]+$/.test(arg));
  if (shell) return `only a shell understands ${shell}; put it into a requirements file`;
  return undefined;
}

/** Runs `pip install` with the Python of this machine into the files of an image. */
export async function pipInstall({ version, root, cwd, env, ...install }: PipInstall) {
  const args = install.arguments
    // The cache is of this machine and does not become part of the image.
    .filter((arg) => arg !== "--no-cache-dir")
    .map((arg) => inImage(arg, root));
  const hasTarget = args.some((arg) => /^(-t|--target)(=|$)/.test(arg));
  const target = join(root, SITE_PACKAGES(version));
  await runCommand(
    pythonWithPip(),
    // Compiled files have times in them: without them, equal packages are equal images.
    ["-m", "pip", "install", "--no-compile", ...(hasTarget ? [] : ["--target", target]), ...args],
    { cwd, env: { ...env, PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_USER: "0" } },
  );
  if (!hasTarget) await movePrograms(join(target, "bin"), join(root, PROGRAMS));
}

/** An absolute path in an argument, such as `--target=/packages`, is a path of the image. */
function inImage(arg: string, root: string) {
  return arg.replace(/^(--?[\w-]+=)?(\/.*)$/, (_, option: string | undefined, path: string) => {
    return `${option ?? ""}${join(root, resolve("/", path))}`;
  });
}

async function movePrograms(from: string, to: string) {
  await mkdir(to, { recursive: true });
  for (const program of await readdir(from).catch(() => [])) {
    await rename(join(from, program), join(to, program));
  }
  await rm(from, { recursive: true, force: true });
}

/**
 * Makes the Python that plays the one of an image: this machine's, without the packages that are
 * installed on this machine.
 *
 * @param directory a new folder beside the image's `rootfs/`
 */
export async function makePython(directory: string): Promise<void> {
  await runCommand(pythonWithPip(), ["-m", "venv", "--without-pip", "--symlinks", directory], {
    cwd: ".",
  });
  const library = join(directory, "lib");
  const [version = ""] = await readdir(library);
  await cp(join(__dirname, "python"), join(library, version, "site-packages"), { recursive: true });
}
