import { closeSync, existsSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { DEFAULT_PATH } from "../images/dockerfile";

/** Finds the programs and other files of an image on this machine. */
export class ImagePrograms {
  /** The `PATH` of a task. It contains the folders of the image and none of this machine's own. */
  readonly path: string;
  private readonly rootfs: string;
  private readonly python: string;

  /**
   * @param imageDirectory folder of the image
   * @param imagePath the image's `PATH`. @default - the `PATH` that Docker uses for an image that sets none
   */
  constructor(imageDirectory: string, imagePath = DEFAULT_PATH) {
    this.rootfs = join(imageDirectory, "rootfs");
    this.python = join(imageDirectory, "python/bin/python");
    this.path = this.foldersOnThisMachine(imagePath);
  }

  /** Translates a list of folders of the image, such as its `PATH`, to the folders on this machine. */
  foldersOnThisMachine(inImage: string): string {
    return inImage
      .split(":")
      .map((directory) => this.onThisMachine(directory))
      .join(":");
  }

  /** Translates a path of the image to the path on this machine. `..` does not lead out of the image. */
  onThisMachine(inImage: string): string {
    return join(this.rootfs, posix.resolve("/", inImage));
  }

  /**
   * Returns the command to spawn for a command of the image. The program is a file of the image, or else Node or
   * Python. An image has those two from its base image, and this machine's Node and Python run in their place.
   *
   * @param workingDirectory a path in the image
   * @throws Error with the container runtime's wording when the image has no such program
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
    // The kernel would start the interpreter of this machine even if the image does not have it.
    return interpreter ? this.resolve([...interpreter, file, ...args], "/") : [file, ...own];
  }

  /**
   * Translates the working directory to the directory on this machine. A symbolic link that leads out of the image is
   * refused, because every relative path would then be a path outside of the image.
   *
   * @throws Error with the container runtime's wording when the image has no such directory
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

  /** Translates an argument that is an absolute path of the image. Any other argument stays as it is. */
  private argument(arg: string): string {
    return (arg.startsWith("/") && this.ownFile(this.onThisMachine(arg), "any")) || arg;
  }

  /** Returns the path if it exists and no symbolic link in it leads out of the image. */
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

/** Returns the interpreter in the first line of a script, such as `["/bin/sh", "-e"]`. */
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
