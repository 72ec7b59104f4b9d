import { closeSync, existsSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { DEFAULT_PATH } from "../images/dockerfile";

/** The files of an image, on this machine. */
export class ImagePrograms {
  /** The `PATH` of a task: the image's own folders, and none of this machine's. */
  readonly path: string;
  private readonly rootfs: string;
  private readonly python: string;

  /**
   * @param imageDirectory folder of the image
   * @param imagePath the image's `PATH`. @default - Docker's
   */
  constructor(imageDirectory: string, imagePath = DEFAULT_PATH) {
    this.rootfs = join(imageDirectory, "rootfs");
    this.python = join(imageDirectory, "python/bin/python");
    this.path = this.foldersOnThisMachine(imagePath);
  }

  /** Translates a list of folders of the image, such as its `PATH`, to the folders of this machine with their files. */
  foldersOnThisMachine(inImage: string): string {
    return inImage
      .split(":")
      .map((directory) => this.onThisMachine(directory))
      .join(":");
  }

  /** A path of the image as a path of this machine. `..` does not lead out of the image. */
  onThisMachine(inImage: string): string {
    return join(this.rootfs, posix.resolve("/", inImage));
  }

  /**
   * The command to spawn for a command of the image. Its program is a file of the image, or Node or Python. An
   * image has those from its base image, and the Node and Python of this machine run in their place.
   *
   * @param workingDirectory in the image
   * @throws Error in the container runtime's words when the image has no such program
   */
  resolve(command: readonly string[], workingDirectory: string): [string, ...string[]] {
    const [program = "", ...args] = command;
    const own = args.map((arg) => this.argument(arg));
    const file = this.find(program, workingDirectory);
    if (file === undefined) {
      const interpreter = this.interpreter(basename(program));
      if (interpreter) return [interpreter, ...own];
      throw new Error(
        program.includes("/")
          ? `exec: "${program}": stat ${program}: no such file or directory`
          : `exec: "${program}": executable file not found in $PATH`,
      );
    }
    const interpreter = interpreterOf(file);
    // The kernel would start this machine's interpreter, which the image may not have.
    return interpreter ? this.resolve([...interpreter, file, ...args], "/") : [file, ...own];
  }

  /**
   * The working directory on this machine.
   *
   * @throws Error in the container runtime's words when the image has no such directory: a symbolic
   * link out of the image would make every relative path a path of this machine
   */
  directory(inImage: string): string {
    const directory = this.onThisMachine(inImage);
    if (this.ownFile(directory, "any") !== undefined) return directory;
    throw new Error(`chdir to cwd ("${inImage}"): no such file or directory`);
  }

  private interpreter(name: string): string | undefined {
    if (name === "node") return process.execPath;
    return /^python(3(\.\d+)?)?$/.test(name) && existsSync(this.python) ? this.python : undefined;
  }

  private find(program: string, workingDirectory: string): string | undefined {
    if (program.includes("/")) {
      return this.ownFile(this.onThisMachine(posix.resolve("/", workingDirectory, program)));
    }
    return this.path
      .split(":")
      .map((directory) => this.ownFile(join(directory, program)))
      .find((file) => file !== undefined);
  }

  /** An absolute path of the image, where the image has it. */
  private argument(arg: string): string {
    return (arg.startsWith("/") && this.ownFile(this.onThisMachine(arg), "any")) || arg;
  }

  /** The path when it is there, and no symbolic link leads out of the image. */
  private ownFile(file: string, kind: "file" | "any" = "file"): string | undefined {
    try {
      const real = realpathSync(file);
      const isInside = `${real}/`.startsWith(`${realpathSync(this.rootfs)}/`);
      return isInside && (kind === "any" || statSync(real).isFile()) ? file : undefined;
    } catch {
      return undefined;
    }
  }
}

/** What a script says in its first line, such as `["/bin/sh", "-e"]`. */
function interpreterOf(file: string): string[] | undefined {
  const start = Buffer.alloc(256);
  const descriptor = openSync(file, "r");
  try {
    readSync(descriptor, start, 0, start.length, 0);
  } finally {
    closeSync(descriptor);
  }
  const [line = ""] = start.toString("latin1").split("\n");
  return line.startsWith("#!") ? line.slice(2).trim().split(/\s+/) : undefined;
}
