import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { jobs } from "./workflow-files";

const folder = mkdtempSync(join(tmpdir(), "steps-"));
const bin = join(folder, "bin");
const summary = join(folder, "summary");
const output = join(folder, "output");
beforeAll(() => {
  mkdirSync(join(folder, "plan"));
  mkdirSync(bin);
});
beforeEach(() => {
  for (const file of [summary, output, join(folder, "plan", "dev.md")])
    rmSync(file, { force: true });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the scripts of a job's steps like the runner, with the given script as `npx`. */
function runSteps(job: string, env: NodeJS.ProcessEnv, npx = "exit 0") {
  writeFileSync(join(bin, "npx"), `#!/usr/bin/env bash\n${npx}\n`);
  chmodSync(join(bin, "npx"), 0o755);
  const script = jobs
    .filter(([name]) => name === job)
    .flatMap(([, { steps = [] }]) => steps.flatMap(({ run }) => run ?? []))
    .filter((script) => script !== "npm run synth")
    .join("\n");
  const { status, stdout } = spawnSync(
    "bash",
    ["--noprofile", "--norc", "-euo", "pipefail", "-c", script],
    {
      cwd: folder,
      encoding: "utf8",
      env: {
        PATH: [bin, process.env.PATH].join(delimiter),
        GITHUB_STEP_SUMMARY: summary,
        GITHUB_OUTPUT: output,
        ...env,
      },
    },
  );
  const written = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : "");
  return { status, stdout, summary: written(summary), output: written(output) };
}

const plan = (exitCode: number, images = "") =>
  runSteps(
    "_plan.yml plan",
    { COMMAND: "plan", ENVIRONMENT: "dev", IMAGES: images },
    `echo "$@"; echo "the plan" > plan/dev.md; exit ${exitCode}`,
  );

test.each([
  [0, 0],
  [2, 0],
  [1, 1],
  [130, 130],
])("a plan that exits with %i ends its job with %i", (exitCode, status) => {
  expect(plan(exitCode)).toMatchObject({ status });
});

test("a plan is shown in the summary, as much of it as GitHub shows", () => {
  writeFileSync(join(folder, "plan", "dev.md"), "p".repeat(1_100_000));
  const shown = runSteps("_plan.yml show", { ENVIRONMENT: "dev" });
  expect(shown.summary).toBe("p".repeat(1_000_000));
});

test("a plan is made with the images that are given, or with the deployed ones", () => {
  expect(plan(0).stdout).toBe("tsx scripts/plan.ts dev --out plan\n");
  expect(plan(0, "web=a worker=b").stdout).toBe(
    "tsx scripts/plan.ts dev --image-tag=web=a --image-tag=worker=b --out plan\n",
  );
});

test("a plan that wrote nothing fails with its own exit code", () => {
  const environment = { COMMAND: "drift", ENVIRONMENT: "dev", IMAGES: "" };
  expect(runSteps("_plan.yml plan", environment, "exit 1")).toMatchObject({
    status: 1,
    summary: "",
  });
});

test.each([
  ["a fork", { FROM_FORK: "true", TOOLING_ACCOUNT: "1" }, "[]", /from a fork gets no credentials/],
  [
    "Dependabot",
    { OF_DEPENDABOT: "true", TOOLING_ACCOUNT: "1" },
    "[]",
    /of Dependabot gets no credentials/,
  ],
  [
    "a fresh clone",
    { FROM_FORK: "false", TOOLING_ACCOUNT: "" },
    "[]",
    /TOOLING_ACCOUNT is not set/,
  ],
  ["one that is set up", { FROM_FORK: "false", TOOLING_ACCOUNT: "1" }, '["dev"]', /Environments/],
])("of %s the environments are told, with the reason", (_, environment, ready, reason) => {
  const told = { FROM_FORK: "false", OF_DEPENDABOT: "false", ...environment };
  const ran = runSteps("_environments.yml environments", told, `echo '["dev"]'`);
  expect(ran).toMatchObject({ status: 0, output: `ready=${ready}\n` });
  expect(ran.summary).toMatch(reason);
});

const TAG = "0123456789abcdef0123456789abcdef01234567";

test.each([
  [TAG, 0],
  [`web=${TAG}`, 0],
  [`web=${TAG} worker-2=${TAG}`, 0],
  ["0123456", 1],
  ["latest", 1],
  [`web=${TAG},worker=${TAG}`, 1],
  [`web=${TAG} `, 1],
  ["$(touch pwned)", 1],
  [`${TAG}\nx`, 1],
])("a rollback to %j is checked: exit code %i", (images, status) => {
  expect(runSteps("rollback.yml check", { IMAGES: images, ENVIRONMENT: "dev" }).status).toBe(
    status,
  );
  expect(existsSync(join(folder, "pwned"))).toBe(false);
});

test("a rollback checks each image", () => {
  const environment = { IMAGES: `web=${TAG} worker=${TAG}`, ENVIRONMENT: "dev" };
  expect(runSteps("rollback.yml check", environment, 'echo "$@"').stdout).toBe(
    `tsx scripts/check-image.ts dev --image-tag=web=${TAG} --image-tag=worker=${TAG}\n`,
  );
});

describe("the images of a commit", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const present = `web=${TAG}@${digest}`;
  const build = JSON.stringify([{ service: "worker" }, { service: "worker-2" }]);
  const built = (service: string, image: string) => {
    mkdirSync(join(folder, "built"), { recursive: true });
    writeFileSync(join(folder, "built", service), `${image}\n`);
  };

  test("are those that were there, and those that were built, which are attested", () => {
    built("worker", `worker=${TAG}@${digest}`);
    built("worker-2", `worker-2=${TAG}@${digest}`);
    const ran = runSteps("_build.yml built", { PRESENT: present, BUILD: build });
    expect(ran.output).toBe(`images=${present} worker=${TAG}@${digest} worker-2=${TAG}@${digest}
attest=${JSON.stringify([
      { name: `worker:${TAG}`, digest },
      { name: `worker-2:${TAG}`, digest },
    ])}
`);
    expect(ran.summary).toContain(`- \`${present}\`\n`);
  });

  test("are those that were there when nothing is built", () => {
    const ran = runSteps("_build.yml built", { PRESENT: present, BUILD: "[]" });
    expect(ran.output).toBe(`images=${present}\nattest=[]\n`);
  });

  test.each([
    ["of another service", `web=${TAG}@${digest}`],
    ["without a digest", `worker=${TAG}`],
    ["that is a script", "worker=$(touch pwned)"],
  ])("are refused with one %s", (_, image) => {
    built("worker", image);
    const ran = runSteps("_build.yml built", { PRESENT: "", BUILD: '[{"service":"worker"}]' });
    expect([ran.status, ran.output]).toEqual([1, ""]);
    expect(existsSync(join(folder, "pwned"))).toBe(false);
  });

  test("are named by the digest of what was built", () => {
    const layout = join(folder, "images", "web");
    mkdirSync(layout, { recursive: true });
    const environment = { RUNNER_TEMP: folder, SERVICE: "web", TAG };
    writeFileSync(join(layout, "index.json"), JSON.stringify({ manifests: [{ digest }] }));
    rmSync(join(folder, "built"), { recursive: true, force: true });
    expect(runSteps("_build.yml build", environment)).toMatchObject({ status: 0 });
    expect(readFileSync(join(folder, "built", "web"), "utf8")).toBe(`web=${TAG}@${digest}\n`);
    writeFileSync(join(layout, "index.json"), JSON.stringify({ manifests: [] }));
    expect(runSteps("_build.yml build", environment)).toMatchObject({ status: 1 });
  });
});
