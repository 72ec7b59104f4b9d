import { cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join, posix } from "node:path";
import type { Image as Source } from "../../model/image";
import { digestOf } from "../../delivery/images/manifest";
import { childEnv } from "../child-env";
import {
  exists,
  filesUnder,
  fingerprint,
  readBuildContext,
  type BuildContext,
} from "./build-context";
import { DockerfileError, envOf, type ImageConfig, type Stage, type Step } from "./dockerfile";
import { makePython, pipArguments, pipInstall, pipRefusal } from "./python";
import { runCommand } from "./run-command";

/**
 * An image on disk. Its folder has the container's files in `rootfs/` and the configuration in `config.json`. If the
 * image is based on Python, the folder also has the Python that runs it in `python/`.
 */
export interface Image {
  /** The digest of the manifest, `sha256:<64 hex>`. Images with equal content have equal digests. */
  readonly digest: string;
  /** The OCI image manifest that is pushed to ECR. */
  readonly manifest: string;
  /**
   * The blobs that the manifest refers to: the configuration, and a list of the files' fingerprints in place of a
   * layer.
   */
  readonly layers: readonly string[];
  readonly directory: string;
}

/** The media type of the manifests that the local build creates. */
export const MANIFEST_MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json";

/** The folder of the image with this digest. */
export function imageDirectory(imagesDirectory: string, digest: string): string {
  return join(imagesDirectory, digest.replace("sha256:", ""));
}

/**
 * Builds the image of a Dockerfile without Docker. RUN instructions use the Node, npm and pip of this machine. The
 * container runs with this machine's Node or Python, so a COPY of a `node` binary is left out.
 *
 * @throws DockerfileError that names the file, the line and the instruction that cannot be built
 */
export async function buildImage(props: {
  /** The folder that the paths of `source` are relative to. */
  readonly root: string;
  readonly source: Source;
  readonly imagesDirectory: string;
}): Promise<Image> {
  const context = await readBuildContext(props.root, props.source);
  await mkdir(props.imagesDirectory, { recursive: true });
  // The build folder is beside the images, so that a finished image can be moved to its place by one rename.
  const workshop = await mkdtemp(join(props.imagesDirectory, ".build-"));
  try {
    for (const stage of context.stages) await buildStage(stage, context, workshop);
    const image = context.stages.at(-1) as Stage;
    return await storeImage(join(workshop, image.name), image, props.imagesDirectory);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

async function buildStage(stage: Stage, context: BuildContext, workshop: string): Promise<void> {
  const root = join(workshop, stage.name);
  const base = join(workshop, stage.base);
  await mkdir(root, { recursive: true });
  if (context.stages.some(({ name }) => name === stage.base)) {
    await cp(base, root, { recursive: true, verbatimSymlinks: true });
  }
  for (const step of stage.steps) {
    if (step.keyword === "COPY") await copy(step, context, workshop, root);
    else await runStep(step, stage, context, root);
  }
  await mkdir(join(root, stage.config.WorkingDir), { recursive: true });
}

async function copy(
  step: Extract<Step, { keyword: "COPY" }>,
  context: BuildContext,
  workshop: string,
  root: string,
): Promise<void> {
  const origin = step.from === undefined ? context.directory : join(workshop, step.from);
  const ignore = step.from === undefined ? context.ignore : undefined;
  for (const source of step.sources) {
    const relative = posix.join(".", source);
    if (!(await exists(join(origin, relative)))) {
      if (step.from !== undefined && basename(source) === "node") continue;
      throw stepError(context, step, `${source} does not exist in ${step.from ?? "the context"}`);
    }
    for (const file of await filesUnder(origin, relative, ignore)) {
      const target = targetOf(step, relative, file);
      await cp(join(origin, file), join(root, target), { verbatimSymlinks: true });
    }
  }
}

function targetOf(step: { destination: string }, source: string, file: string): string {
  const isFile = file === source;
  if (!isFile) return posix.join(step.destination, posix.relative(source, file));
  return step.destination.endsWith("/")
    ? posix.join(step.destination, posix.basename(file))
    : step.destination;
}

/** Runs a RUN instruction on this machine and not in a container. Only commands that stay in its folder are allowed. */
async function runStep(
  step: Extract<Step, { keyword: "RUN" }>,
  stage: Stage,
  context: BuildContext,
  root: string,
): Promise<void> {
  const cwd = join(root, step.workingDirectory);
  await mkdir(cwd, { recursive: true });
  const env = runEnvironment(stage.config);
  const commands = step.command.split(/\s*&&\s*/).map((command) => {
    const pip = pipArguments(command);
    const refusal = pip ? pipRefusal(pip, stage.python) : nodeRefusal(command);
    if (refusal) throw stepError(context, step, refusal);
    return { command, pip };
  });
  for (const { command, pip } of commands) {
    if (pip) await pipInstall({ arguments: pip, version: stage.python ?? "", root, cwd, env });
    else await runNode(command, context, { cwd, env });
  }
}

function nodeRefusal(command: string): string | undefined {
  if (/^(npm|npx|node) /.test(command) && !/[\s=]\//.test(command)) return undefined;
  return "only pip install, and npm, npx and node on relative paths run without Docker";
}

async function runNode(
  command: string,
  context: BuildContext,
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<void> {
  const modules = join(context.directory, "node_modules");
  if (/^npm (ci|install|i)\b/.test(command) && (await exists(modules))) {
    await symlink(modules, join(options.cwd, "node_modules"));
  } else {
    await runCommand("/bin/sh", ["-c", command], options);
  }
}

/** The env of RUN without the image's PATH and PYTHONPATH, which name folders that this machine does not have. */
function runEnvironment(config: ImageConfig): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  return childEnv({ ...envOf(config), PATH: PATH ?? "", PYTHONPATH: "" });
}

async function storeImage(
  rootfs: string,
  { config, python }: Stage,
  imagesDirectory: string,
): Promise<Image> {
  const files = await filesUnder(rootfs, ".");
  const layer = (await Promise.all(files.map((file) => fingerprint(rootfs, file)))).join("");
  const imageConfig = JSON.stringify({
    config,
    rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST_MEDIA_TYPE,
    config: descriptor("application/vnd.oci.image.config.v1+json", imageConfig),
    layers: [descriptor("application/vnd.oci.image.layer.v1.tar", layer)],
  });
  const digest = digestOf(manifest);
  const directory = imageDirectory(imagesDirectory, digest);
  if (!(await exists(directory))) {
    const staging = await mkdtemp(join(imagesDirectory, ".image-"));
    await rename(rootfs, join(staging, "rootfs"));
    await writeFile(join(staging, "config.json"), imageConfig);
    if (python !== undefined) await makePython(join(staging, "python"));
    await rename(staging, directory);
  }
  return { digest, manifest, layers: [imageConfig, layer], directory };
}

function descriptor(mediaType: string, content: string) {
  return { mediaType, digest: digestOf(content), size: Buffer.byteLength(content) };
}

function stepError(context: BuildContext, step: Step, advice: string): DockerfileError {
  const shown =
    step.keyword === "RUN" ? step.command : `${step.sources.join(" ")} ${step.destination}`;
  return new DockerfileError(context.dockerfile, step.line, `${step.keyword} ${shown}`, advice);
}
