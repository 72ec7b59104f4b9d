import { execFileSync } from "node:child_process";

export interface Prerequisites {
  /** The Python to run the emulator with, or to make its virtual environment with. */
  readonly python: string;
}

interface Tool {
  readonly name: string;
  readonly minimum: string;
  readonly get: string;
  /** Its version, or nothing where it is not there. */
  readonly version: () => string | undefined;
}

/** Python by the names that it goes by, the first that is new enough. */
const PYTHON_NAMES = ["python3", "python", "python3.13", "python3.12", "python3.11", "python3.10"];
const PYTHON_MINIMUM = "3.10";

/**
 * Checks all that `npm start` asks of the machine before anything is started.
 *
 * @throws one error that names each thing that is missing or too old, and how to get it
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
 * The Python that builds and plays images of Python.
 *
 * @throws an error that says what is missing or too old, and how to get it
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

/** Compares dotted versions by number: 3.10 is newer than 3.9. */
export function isAtLeast(version: string, minimum: string) {
  const [have, want] = [version, minimum].map((text) => text.split(".").map(Number.parseFloat));
  for (const [i, part] of (want ?? []).entries()) {
    const difference = (have?.[i] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function terraformVersion() {
  // A configuration file that is not there is Terraform's to warn of, and ours to replace.
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
