import { cp, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pythonWithPip } from "../prerequisites";
import { runCommand } from "./run-command";

/** The folders of an image into which pip installs packages and their programs. */
const SITE_PACKAGES = (version: string) => `/usr/local/lib/python${version}/site-packages`;
const PROGRAMS = "/usr/local/bin";

/** Options of pip that would install outside of the image, or link to files of this machine. */
const OUTSIDE = /^(-e|--editable|--prefix|--root|--user|--src)(=|$)/;

interface PipInstall {
  /** The arguments after `pip install`. */
  readonly arguments: readonly string[];
  /** The version of the image's Python, such as `3.14`. */
  readonly version: string;
  /** Folder of the image's files. */
  readonly root: string;
  /** The working directory of the instruction, as a path on this machine. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Returns the arguments after `pip install` in a command.
 *
 * @returns undefined for any other command
 */
export function pipArguments(command: string): string[] | undefined {
  const [, given] = /^(?:python3? -m )?pip3? install (.*)$/.exec(command) ?? [];
  return given?.split(" ");
}

/**
 * Returns the reason why `pip install` cannot run with these arguments.
 *
 * @param version the version of the stage's Python, or undefined if it has none
 * @returns undefined when it can run
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
    // pip's cache is on this machine and does not become part of the image.
    .filter((arg) => arg !== "--no-cache-dir")
    .map((arg) => inImage(arg, root));
  const hasTarget = args.some((arg) => /^(-t|--target)(=|$)/.test(arg));
  const target = join(root, SITE_PACKAGES(version));
  await runCommand(
    pythonWithPip(),
    // Compiled files contain timestamps. Without compiled files, equal packages result in equal images.
    ["-m", "pip", "install", "--no-compile", ...(hasTarget ? [] : ["--target", target]), ...args],
    { cwd, env: { ...env, PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_USER: "0" } },
  );
  if (!hasTarget) await movePrograms(join(target, "bin"), join(root, PROGRAMS));
}

/** Translates an absolute path in an argument, such as `--target=/packages`, into the folder of the image's files. */
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
 * Creates the Python that runs the programs of an image: a virtual environment of this machine's Python, without the
 * packages that are installed on this machine.
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
