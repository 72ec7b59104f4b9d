import { execFileSync } from "node:child_process";

export interface Prerequisites {
  /** The Python that runs the emulator, or creates the virtual environment of the emulator. */
  readonly python: string;
}

interface Tool {
  readonly name: string;
  readonly minimum: string;
  readonly get: string;
  /** Returns the tool's version, or `undefined` when it is not installed. */
  readonly version: () => string | undefined;
}

/** Command names of Python. The first that is new enough is used. */
const PYTHON_NAMES = ["python3", "python", "python3.13", "python3.12", "python3.11", "python3.10"];
const PYTHON_MINIMUM = "3.10";

/**
 * Checks that this machine has all the tools that `npm start` needs.
 *
 * @throws one error that names each tool that is missing or too old, and how to get it
 */
export function checkPrerequisites(): Prerequisites {
  const python = findPython();
  const tools: readonly Tool[] = [
    {
      name: "Node",
      minimum: "20.9",
      get: "https://nodejs.org/en/download, or your version manager",
      version: () => process.versions.node,
    },
    {
      name: "Terraform",
      minimum: "1.11",
      get: "https://developer.hashicorp.com/terraform/install",
      version: terraformVersion,
    },
    pythonTool(python),
  ];
  const missing = tools.flatMap(problemOf);
  if (missing.length > 0) throw new Error(missing.join("\n"));
  return { python: (python as Python).command };
}

/**
 * Returns the Python that builds and runs images of Python programs.
 *
 * @throws an error that says whether Python or pip is missing or too old, and how to get it
 */
export function pythonWithPip(): string {
  const python = findPython();
  const [problem] = problemOf(pythonTool(python));
  if (problem) throw new Error(problem);
  const { command } = python as Python;
  if (printedBy(command, ["-m", "pip", "--version"]) === undefined) {
    throw new Error(
      `${command} has no pip, which builds images of Python. Get it: ${command} -m ensurepip, or ` +
        "the package python3-pip of your package manager",
    );
  }
  return command;
}

function pythonTool(python: Python | undefined): Tool {
  return {
    name: "Python",
    minimum: PYTHON_MINIMUM,
    get: "https://www.python.org/downloads, or your package manager",
    version: () => python?.version,
  };
}

function problemOf({ name, minimum, get, version }: Tool) {
  const found = version();
  if (found === undefined) return [`${name} ${minimum} or newer is missing. Get it: ${get}`];
  if (!isAtLeast(found, minimum)) {
    return [`${name} is ${found}, expected ${minimum} or newer. Get it: ${get}`];
  }
  return [];
}

/** Compares the parts of dotted versions as numbers, so that 3.10 is newer than 3.9. */
export function isAtLeast(version: string, minimum: string) {
  const [have, want] = [version, minimum].map((text) => text.split(".").map(Number.parseFloat));
  for (const [i, part] of (want ?? []).entries()) {
    const difference = (have?.[i] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function terraformVersion() {
  // When TF_CLI_CONFIG_FILE names a missing file, Terraform prints a warning before the JSON. That is no problem,
  // because the local platform then uses its own configuration file (`providerSource`).
  const printed = printedBy("terraform", ["version", "-json"]);
  if (printed === undefined) return undefined;
  const json = printed.slice(printed.indexOf("{"));
  return (JSON.parse(json) as { terraform_version: string }).terraform_version;
}

interface Python {
  readonly command: string;
  readonly version: string;
}

function findPython(): Python | undefined {
  let tooOld: Python | undefined;
  for (const command of PYTHON_NAMES) {
    const printed = printedBy(command, ["-c", "import platform; print(platform.python_version())"]);
    if (printed === undefined) continue;
    const python = { command, version: printed.trim() };
    if (isAtLeast(python.version, PYTHON_MINIMUM)) return python;
    tooOld ??= python;
  }
  return tooOld;
}

function printedBy(command: string, args: readonly string[]) {
  try {
    return execFileSync(command, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, CHECKPOINT_DISABLE: "1" },
    });
  } catch {
    return undefined;
  }
}
