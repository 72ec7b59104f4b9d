import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { FakeGitHub } from "./fake-github";
import { report } from "./reports";

const run = promisify(execFile);
const fake = new FakeGitHub();
const folder = mkdtempSync(join(tmpdir(), "reports-"));
beforeAll(() => fake.start());
beforeEach(() => {
  fake.reset();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await fake.stop();
});

/** Runs `scripts/<script>.ts` as a job of GitHub Actions would. */
async function script(name: string, args: readonly string[], extraEnv: NodeJS.ProcessEnv = {}) {
  const env = {
    ...process.env,
    GITHUB_API_URL: fake.url,
    GITHUB_REPOSITORY: "owner/name",
    GITHUB_TOKEN: "token",
    GITHUB_SERVER_URL: "https://github.com",
    GITHUB_RUN_ID: "42",
    ...extraEnv,
  };
  const tsx = join("node_modules", ".bin", "tsx");
  return run(tsx, [join("scripts", `${name}.ts`), ...args], { env }).then(
    ({ stdout }) => ({ failed: false, said: stdout }),
    (error: unknown) => ({ failed: true, said: (error as { stderr: string }).stderr }),
  );
}

function file(name: string, content: unknown) {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

test("npm run comment shows what was planned, and what could not be", async () => {
  const reports = [
    file("dev.json", report("dev", "changes")),
    file("staging.json", report("staging", "no changes")),
  ];
  const args = ["--pull-request", "7", "--commit", "abc123", "--environments", "dev,staging,prod"];
  await expect(script("comment", [...args, ...reports])).resolves.toEqual({
    failed: false,
    said: "The comment on #7 was created.\n",
  });
  const [comment] = fake.comments;
  expect(comment?.body).toContain("Plans of abc123");
  expect(comment?.body).toContain("**prod: could not be planned**");
  expect(comment?.body).toContain("https://github.com/owner/name/actions/runs/42");
});

test("npm run drift-issue opens an issue for drift, and says what it did", async () => {
  const reports = [
    file("dev.json", report("dev", "changes")),
    file("prod.json", report("prod", "no changes")),
  ];
  await expect(script("drift-issue", reports)).resolves.toEqual({
    failed: false,
    said: "Drift: drift; opened issue #1.\n",
  });
  expect(fake.issues).toHaveLength(1);
});

test.each([
  ["is not JSON", "{", /dev\.json is not a report of npm run plan .*JSON/],
  [
    "lacks a field",
    { ...report("dev", "changes"), environment: undefined },
    /dev\.json is not a report of npm run plan .*environment/s,
  ],
  [
    "has an outcome that there is not",
    report("dev", "perhaps" as never),
    /dev\.json is not a report of npm run plan .*states\[0\]\.outcome/s,
  ],
])(
  "a report that %s is an error that names it, and nothing is written",
  async (_, content, error) => {
    const { failed, said } = await script("drift-issue", [file("dev.json", content)]);
    expect(said).toMatch(error);
    expect(failed).toBe(true);
    expect(fake.requests).toEqual([]);
  },
);

test.each([
  ["comment", ["--pull-request", "x"], {}, /--pull-request is "x", expected a number/],
  ["comment", ["--pull-request", "7"], {}, /no reports are given, expected those of npm run plan/],
  ["drift-issue", [], {}, /no reports are given/],
  ["drift-issue", ["--environments", "dev"], { GITHUB_TOKEN: "" }, /GITHUB_TOKEN is not set/],
  [
    "drift-issue",
    ["--environments", "dev"],
    { GITHUB_REPOSITORY: "x" },
    /GITHUB_REPOSITORY is "x"/,
  ],
])("npm run %s says of %j with %j what it expected", async (name, args, environment, error) => {
  const { failed, said } = await script(name, args, environment);
  expect(said).toMatch(error);
  expect(failed).toBe(true);
  expect(fake.requests).toEqual([]);
});
