import { posix } from "node:path";
import {
  Arg,
  Cmd,
  Copy,
  DockerfileParser,
  Entrypoint,
  Env,
  From,
  Healthcheck,
  Label,
  Run,
  User,
  Workdir,
  type Instruction,
} from "dockerfile-ast";

/** The `PATH` that Docker uses for an image that sets none. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** An image's configuration for its containers, with the field names of the OCI image configuration. */
export interface ImageConfig {
  /** Variables as `NAME=value`, in the order of the Dockerfile. */
  readonly Env: string[];
  readonly WorkingDir: string;
  readonly Entrypoint?: string[];
  readonly Cmd?: string[];
  readonly User?: string;
  readonly ExposedPorts?: string[];
}

/** An instruction that changes files. Every path inside the image is absolute. */
export type Step =
  | {
      readonly keyword: "COPY";
      /** The stage or other image that the files come from. @default - the build context */
      readonly from?: string;
      readonly sources: string[];
      /** Ends with `/` when it is a folder. */
      readonly destination: string;
      readonly line: number;
    }
  | {
      readonly keyword: "RUN";
      readonly command: string;
      readonly workingDirectory: string;
      readonly line: number;
    };

/** A build stage: one `FROM` and the instructions that follow it. */
export interface Stage {
  /** The name after `AS`, or the stage's number if there is none. */
  readonly name: string;
  readonly base: string;
  /** The version of Python in the base image, such as `3.14`. @default - the base image has no Python */
  readonly python?: string;
  readonly steps: Step[];
  readonly config: ImageConfig;
}

/** The error for a Dockerfile that the local build cannot interpret or build. */
export class DockerfileError extends Error {
  constructor(file: string, line: number, instruction: string, advice: string) {
    super(`${file}:${line}: ${instruction}: ${advice}`);
    this.name = "DockerfileError";
  }
}

/** The variables of an image's `Env` as an object. */
export function envOf(config: ImageConfig): Record<string, string> {
  return Object.fromEntries(
    config.Env.map((variable) => {
      const [name = "", ...value] = variable.split("=");
      return [name, value.join("=")];
    }),
  );
}

/**
 * Parses a Dockerfile into its stages. The last stage is the image.
 *
 * @param text the Dockerfile's content
 * @param file its name, for messages
 * @throws DockerfileError with file, line and instruction when the Dockerfile has something that is not supported:
 * instructions other than those below, variables that no ENV sets, or commands that need a shell
 */
export function parseDockerfile(text: string, file = "Dockerfile"): Stage[] {
  const stages: Stage[] = [];
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    if (instruction instanceof From) {
      stages.push(readFrom(instruction, stages));
      continue;
    }
    const stage = stages.pop();
    if (stage) stages.push(readInstruction(stage, instruction, file));
    else if (!(instruction instanceof Arg)) {
      throw refuse(file, instruction, "stands before the first FROM; begin with FROM");
    }
  }
  if (stages.length === 0) throw new Error(`${file}: has no FROM, so there is nothing to build`);
  return stages;
}

function readInstruction(stage: Stage, instruction: Instruction, file: string): Stage {
  if (instruction instanceof Copy) return readCopy(stage, instruction, file);
  if (instruction instanceof Run) return readRun(stage, instruction);
  if (instruction instanceof Env) return readEnv(stage, instruction, file);
  if (instruction instanceof Workdir) {
    return configured(stage, { WorkingDir: inside(stage, literal(stage, instruction, file)) });
  }
  if (instruction instanceof User) {
    return configured(stage, { User: literal(stage, instruction, file) });
  }
  if (instruction instanceof Cmd)
    return configured(stage, { Cmd: command(stage, instruction, file) });
  if (instruction instanceof Entrypoint) {
    // As in Docker, an ENTRYPOINT resets the CMD that the stage inherited.
    return configured(stage, { Entrypoint: execForm(instruction, file), Cmd: undefined });
  }
  if (instruction.getKeyword() === "EXPOSE") {
    return configured(stage, { ExposedPorts: literal(stage, instruction, file).split(/\s+/) });
  }
  // ECS ignores the HEALTHCHECK of the image and uses only the one of the task definition.
  if ([Arg, Healthcheck, Label].some((ignored) => instruction instanceof ignored)) return stage;
  throw refuse(
    file,
    instruction,
    "not supported; use FROM, COPY, RUN, ENV, WORKDIR, USER, EXPOSE, CMD, ENTRYPOINT, LABEL",
  );
}

function readFrom(from: From, earlier: Stage[]): Stage {
  const base = from.getImage() ?? "";
  const parent = earlier.find((stage) => stage.name === base);
  return {
    name: from.getBuildStage() ?? String(earlier.length),
    base,
    python: parent ? parent.python : /(?:^|\/)python:(\d+\.\d+)/.exec(base)?.[1],
    steps: [],
    config: parent?.config ?? { Env: [], WorkingDir: "/" },
  };
}

function readRun(stage: Stage, instruction: Run): Stage {
  return stepped(stage, {
    keyword: "RUN",
    command: oneLine(instruction),
    workingDirectory: stage.config.WorkingDir,
    line: lineOf(instruction),
  });
}

function readEnv(stage: Stage, instruction: Env, file: string): Stage {
  const content = oneLine(instruction);
  if (content.includes("\\$") || /'.*\$/.test(content)) {
    throw refuse(file, instruction, "a $ of the value itself is not supported; use double quotes");
  }
  // As in Docker, the values of one ENV instruction can use only variables of earlier instructions.
  const variables = instruction.getProperties().map((property) => {
    const value = substitute(property.getValue() ?? "", stage, instruction, file);
    return `${property.getName()}=${value}`;
  });
  return configured(stage, { Env: [...stage.config.Env, ...variables] });
}

function readCopy(stage: Stage, instruction: Copy, file: string): Stage {
  const content = substitute(oneLine(instruction), stage, instruction, file);
  const paths = content.startsWith("[") ? jsonStrings(content) : content.split(/\s+/);
  const target = paths?.at(-1);
  const sources = paths?.slice(0, -1) ?? [];
  if (target === undefined || sources.length === 0) {
    throw refuse(file, instruction, "needs at least one source and a destination");
  }
  if (sources.some((source) => /[*?[]/.test(source))) {
    throw refuse(file, instruction, "wildcards are not supported; name each file or folder");
  }
  const isFolder = /(^|\/)\.{0,2}$/.test(target) || sources.length > 1;
  const destination = inside(stage, target);
  return stepped(stage, {
    keyword: "COPY",
    from: instruction.getFromFlag()?.getValue() ?? undefined,
    sources,
    destination: isFolder && !destination.endsWith("/") ? `${destination}/` : destination,
    line: lineOf(instruction),
  });
}

function configured(stage: Stage, change: Partial<ImageConfig>): Stage {
  return { ...stage, config: { ...stage.config, ...change } };
}

function stepped(stage: Stage, step: Step): Stage {
  return { ...stage, steps: [...stage.steps, step] };
}

function inside(stage: Stage, target: string): string {
  return posix.resolve(stage.config.WorkingDir, target);
}

function literal(stage: Stage, instruction: Instruction, file: string): string {
  const value = instruction.getArgumentsContent()?.trim();
  if (!value) throw refuse(file, instruction, "has no value");
  return substitute(value, stage, instruction, file);
}

function command(stage: Stage, instruction: Cmd, file: string): string[] {
  return (
    jsonStrings(instruction.getArgumentsContent() ?? "") ?? shellForm(stage, instruction, file)
  );
}

/** The words of a command in shell form that only starts one program, so that no shell is needed. */
function shellForm(stage: Stage, instruction: Cmd, file: string): string[] {
  const words = oneLine(instruction).replace(/^exec /, "");
  if (!/^[\w./-]+( [\w.,:=/@%+-]+)*$/.test(words) || stage.config.Entrypoint) {
    throw refuse(file, instruction, 'write it in exec form, as in ["node", "server.js"]');
  }
  return words.split(" ");
}

function execForm(instruction: Instruction, file: string): string[] {
  const strings = jsonStrings(instruction.getArgumentsContent() ?? "");
  if (!strings?.length) {
    throw refuse(file, instruction, 'write it in exec form, as in ["node", "server.js"]');
  }
  return strings;
}

function jsonStrings(text: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === "string")
      ? value
      : undefined;
  } catch {
    return undefined;
  }
}

function oneLine(instruction: Instruction): string {
  return (instruction.getArgumentsContent() ?? "").replace(/\s+/g, " ").trim();
}

/** Replaces `$NAME` and `${NAME}` with the values that ENV instructions have set. */
function substitute(text: string, stage: Stage, instruction: Instruction, file: string): string {
  const known: Record<string, string | undefined> = {
    PATH: DEFAULT_PATH,
    ...envOf(stage.config),
  };
  return text.replace(
    /\\?\$(?:\{(\w+)\}|(\w+))?/g,
    (reference, braced?: string, plain?: string) => {
      const value = reference.startsWith("\\") ? undefined : known[braced ?? plain ?? ""];
      if (value !== undefined) return value;
      throw refuse(file, instruction, `no ENV before it sets ${reference}; write the value itself`);
    },
  );
}

function refuse(file: string, instruction: Instruction, advice: string): DockerfileError {
  const shown = `${instruction.getKeyword()} ${instruction.getArgumentsContent() ?? ""}`.trim();
  return new DockerfileError(file, lineOf(instruction), shown, advice);
}

function lineOf(instruction: Instruction): number {
  return instruction.getRange().start.line + 1;
}
