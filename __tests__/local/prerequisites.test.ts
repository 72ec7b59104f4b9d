import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPrerequisites, isAtLeast, pythonWithPip } from "../../local/prerequisites";

test.each([
  ["3.10.2", "3.10", true],
  ["3.9.18", "3.10", false],
  ["3.10", "3.10", true],
  ["1.11.0-beta1", "1.11", true],
  ["4", "3.10", true],
])("%s is at least %s: %s", (version, minimum, expected) => {
  expect(isAtLeast(version, minimum)).toBe(expected);
});

describe("on a machine with", () => {
  const path = process.env.PATH;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "path-"));
    process.env.PATH = folder;
  });
  afterEach(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true });
  });

  const install = (command: string, prints: string) => {
    const file = join(folder, command);
    writeFileSync(file, `#!/bin/sh\necho '${prints}'\n`);
    chmodSync(file, 0o755);
  };

  test("nothing, all missing tools are named at once, with how to get them", () => {
    expect(checkPrerequisites).toThrow(
      /Terraform 1\.11 or newer is missing\. Get it: https:.*\nPython 3\.10 or newer is missing\. Get it: https:/,
    );
  });

  test("tools that are too old, all of them are named with the expected versions", () => {
    install("terraform", '{"terraform_version": "1.5.7"}');
    install("python3", "3.8.10");
    expect(checkPrerequisites).toThrow(
      /Terraform is 1\.5\.7, expected 1\.11 or newer.*\nPython is 3\.8\.10, expected 3\.10 or newer/,
    );
  });

  test("all of them, the first Python that is new enough is taken", () => {
    install("terraform", '{"terraform_version": "1.11.4"}');
    install("python3", "3.9.2");
    install("python3.12", "3.12.1");
    expect(checkPrerequisites()).toEqual({ python: "python3.12" });
  });

  test("no Python, or none that is new enough, there is none for images of Python", () => {
    expect(pythonWithPip).toThrow(/^Python 3\.10 or newer is missing\. Get it: https:/);
    install("python3", "3.8.10");
    expect(pythonWithPip).toThrow(/^Python is 3\.8\.10, expected 3\.10 or newer/);
  });

  test("a Python without pip, it is said how to get pip", () => {
    const file = join(folder, "python3");
    writeFileSync(file, '#!/bin/sh\nif [ "$1" = -m ]; then exit 1; fi\necho 3.11.2\n');
    chmodSync(file, 0o755);
    expect(pythonWithPip).toThrow(
      /^python3 has no pip, which builds images of Python\. Get it: python3 -m ensurepip, or /,
    );
    install("python3", "3.11.2");
    expect(pythonWithPip()).toBe("python3");
  });

  test("a Terraform that warns before it answers, its version is read all the same", () => {
    install(
      "terraform",
      'There are problems with the configuration\n{"terraform_version": "1.12.0"}',
    );
    install("python3", "3.11.0");
    expect(checkPrerequisites()).toEqual({ python: "python3" });
  });
});
