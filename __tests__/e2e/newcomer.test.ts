import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { isAlive, TestProcess } from "./support/processes";
import { waitUntil } from "./support/wait-until";

const folder = mkdtempSync(join(tmpdir(), "newcomer-"));
const clone = join(folder, "clone");

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

// The variable names a configuration file of Terraform that does not exist.
const open = (command: string) =>
  new TestProcess("bash", ["-c", command], {
    cwd: clone,
    env: { ...process.env, TF_CLI_CONFIG_FILE: join(folder, "missing.tfrc") },
  });

/** Sends Ctrl-C and checks that no process that the terminal started is left. */
async function interrupt(terminal: TestProcess) {
  const descendants = descendantsOf(terminal.pid);
  expect(descendants.length).toBeGreaterThan(4);
  await terminal.signal("SIGINT");
  await waitUntil("all processes have ended", () => !descendants.some(isAlive), 20_000);
}

/** Checks that only the owner can read keys, states, logs and images. */
function expectPrivate(local: string) {
  const run = join(local, "run");
  for (const folder of [local, run]) expect(statSync(folder).mode & 0o777).toBe(0o700);
  const secret = /AWS_SECRET_ACCESS_KEY='([^']+)'/.exec(readFileSync(join(run, "aws.sh"), "utf8"));
  const files = execFileSync("grep", ["-rlF", "--", secret?.[1] ?? "", local], {
    encoding: "utf8",
  });
  const names = files.trim().split("\n");
  expect(names.map((file) => relative(run, file)).sort()).toEqual(["aws.sh", "running.json"]);
  for (const file of names) expect(statSync(file).mode & 0o777).toBe(0o600);
}

test("a fresh clone serves after the README's own command, and Ctrl-C leaves no process behind", async () => {
  execFileSync("git", ["clone", "--quiet", resolve("."), clone]);
  const command = "npm ci && npm start";
  expect(readFileSync(join(clone, "README.md"), "utf8")).toContain(command);
  const terminal = open(command);
  try {
    await terminal.printed(/Stop +Ctrl-C/, 600_000);
    const curls = terminal.output.match(/^ +curl .*$/gm) ?? [];
    expect(curls).toHaveLength(3);
    const [health, created, listed] = curls.map((line) =>
      execFileSync("bash", ["-c", `${line} --silent --show-error --fail`], { encoding: "utf8" }),
    );
    expect(JSON.parse(health ?? "")).toEqual({ status: "ok" });
    expect(JSON.parse(listed ?? "")).toMatchObject({ items: [JSON.parse(created ?? "")] });

    const [source = ""] = /source \S+/.exec(terminal.output) ?? [];
    const [listClusters = ""] = /aws ecs list-clusters/.exec(terminal.output) ?? [];
    const clusters = execFileSync("bash", ["-c", `${source} && ${listClusters} --output text`], {
      cwd: clone,
      encoding: "utf8",
    });
    expect(clusters).toContain("cluster/inventory-local");
    expectPrivate(join(clone, ".local"));

    const tag = "1".repeat(40);
    const second = open(`npm start -- --image-tag ${tag}`);
    expect([await second.ended(), second.output]).toEqual([
      0,
      expect.stringContaining(`inventory serves with ${tag}@sha256:`),
    ]);

    await interrupt(terminal);
  } finally {
    await terminal.signal("SIGKILL");
  }
}, 900_000);

test("a platform that asks for access tokens gets them from the local issuer", async () => {
  const command = "npm start -- --auth bearer";
  expect(readFileSync(join(clone, "README.md"), "utf8")).toContain(command);
  const terminal = open(command);
  try {
    await terminal.printed(/Stop +Ctrl-C/, 600_000);
    const [, created = "", listed = ""] = terminal.output.match(/^ +curl .*$/gm) ?? [];
    const run = (line: string) =>
      execFileSync("bash", ["-c", `${line} --silent --show-error --fail`], {
        cwd: clone,
        encoding: "utf8",
      });
    const item: unknown = JSON.parse(run(created));
    expect(JSON.parse(run(listed))).toMatchObject({ items: [item] });
    const [url = ""] = /http:\/\/\S+\/items/.exec(listed) ?? [];
    expect((await fetch(url)).status).toBe(401);
    await interrupt(terminal);
  } finally {
    await terminal.signal("SIGKILL");
  }
}, 900_000);

test("a second start works from clean, and Ctrl-C ends it in the middle of a deploy too", async () => {
  const terminal = open("npm start");
  try {
    await terminal.printed(/aws_lb\.load_balancer creating/, 120_000);
    await interrupt(terminal);
  } finally {
    await terminal.signal("SIGKILL");
  }
}, 180_000);

test.each([
  [
    "an image tag that is none",
    "npm start -- --image-tag latest",
    /--image-tag is "latest", expected a full commit SHA/,
  ],
  [
    "an image for a platform that does not run",
    `npm start -- --image-tag ${"2".repeat(40)}`,
    /No local platform runs here\. Start one first: npm start/,
  ],
  [
    "a token for a platform that does not run",
    "npm run token",
    /No local platform that requires access tokens is running. Start one: npm start -- --auth bearer/,
  ],
  [
    "a kind of authentication that is none",
    "npm start -- --auth basic",
    /--auth is "basic", expected none or bearer/,
  ],
  [
    "a port that is none",
    "npm start -- --port abc",
    /--port is "abc", expected a number from 1 to 65535/,
  ],
  [
    "an option that is not there",
    "npm start -- --tag x",
    /Unknown option '--tag'.*\nUsage: npm start/,
  ],
])(
  "%s is a clear error",
  async (_, command, message) => {
    const terminal = open(command);
    expect(await terminal.ended()).toBe(1);
    expect(terminal.output).toMatch(message);
  },
  60_000,
);

/** The process ids of all descendants of a process. */
function descendantsOf(ancestor: number) {
  const table = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  const processes = table
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const below = (parent: number): number[] =>
    processes.filter(([, ppid]) => ppid === parent).flatMap(([pid]) => [pid, ...below(pid)]);
  return below(ancestor);
}
