import { execFile } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { appArguments, chooseApp, forApp, loadPlatformFile } from "../../delivery/app";
import { synthesizedApp } from "../support/synthesized-app";

jest.setTimeout(60_000);

const SMALL = join("__tests__", "support", "apps", "small");
const OUTPUT = join(SMALL, "cdktf.out");
const folder = mkdtempSync(join(tmpdir(), "app-"));

afterEach(() => {
  chooseApp();
});

afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(OUTPUT, { recursive: true, force: true });
});

const run = (script: string, ...args: readonly string[]) =>
  promisify(execFile)(process.execPath, ["--import", "tsx", `scripts/${script}.ts`, ...args]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  );

test("without --app, a command works for the main.ts of the project", () => {
  const platform = join("platforms", "inventory");
  expect(chooseApp()).toEqual({ folder: ".", platform, output: "cdktf.out" });
  expect(chooseApp(".")).toEqual(chooseApp());
});

test.each([SMALL, `${SMALL}/`, `./${SMALL}`])("all of the app %s lies in its folder", (given) => {
  expect(chooseApp(given)).toEqual({ folder: SMALL, platform: SMALL, output: OUTPUT });
});

test.each(["examples/nothing", "main.ts", "", "docs"])("the app %j is refused", (given) => {
  expect(() => chooseApp(given)).toThrow(
    `--app is "${given}", expected a folder with a main.ts: .`,
  );
});

test("a refused app is answered with those that there are", async () => {
  const { code, stderr } = await run("environments", "--app", "nowhere");
  const examples = existsSync("examples") ? readdirSync("examples") : [];
  const apps = [".", ...examples.map((name) => join("examples", name))];
  expect(code).toBe(1);
  expect(stderr).toContain(`expected a folder with a main.ts: ${apps.join(", ")}.`);
});

test("a command in a message works when it is copied", () => {
  const plan = "npm run plan -- dev";
  expect([forApp(plan), forApp("npm run graph")]).toEqual([plan, "npm run graph"]);
  expect(appArguments(chooseApp(SMALL))).toEqual(["--app", SMALL]);
  expect(forApp(plan)).toBe(`${plan} --app ${SMALL}`);
  expect(forApp("npm run graph")).toBe(`npm run graph -- --app ${SMALL}`);
});

test("a command of package.json synthesizes the app first, and its result is its own", async () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
    scripts: { readonly environments: string };
  };
  expect(scripts.environments).toBe("node --import tsx scripts/environments.ts --synth");
  rmSync(OUTPUT, { recursive: true, force: true });
  expect(await run("environments", "--synth", "--app", SMALL)).toEqual({
    code: 0,
    stdout: '["only"]\n',
    stderr: "What an app says is not the result of a script.\n",
  });
  expect(readdirSync(join(OUTPUT, "stacks"))).toContain("only-alb");
  // Nothing is synthesized again, as a job with credentials wants it.
  expect(await run("environments", "--app", SMALL)).toMatchObject({ code: 0, stderr: "" });
});

test("an app that cannot be synthesized ends the command with its reason", async () => {
  synthesizedApp(folder);
  writeFileSync(join(folder, "main.ts"), 'throw new Error("no such subnet");\n');
  const { code, stderr } = await run("environments", "--synth", "--app", folder);
  expect(code).toBe(1);
  expect(stderr).toContain("no such subnet");
  expect(stderr).toContain(`${join(folder, "main.ts")} could not be synthesized`);
});

test("the warnings of the synth are shown, and do not stop the command", async () => {
  synthesizedApp(folder);
  const { folder: small } = chooseApp(SMALL);
  const output = join(folder, "cdktf.out");
  await run("environments", "--synth", "--app", small);
  cpSync(OUTPUT, output, { recursive: true });
  const file = join(output, "manifest.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as {
    stacks: Record<string, { annotations: unknown[] }>;
  };
  manifest.stacks["only-alb"]?.annotations.push({ level: "@cdktf/warn", message: "Too many." });
  writeFileSync(file, JSON.stringify(manifest));
  expect(await run("environments", "--synth", "--app", folder)).toMatchObject({
    code: 0,
    stderr: "Warning: only-alb: Too many.\n",
  });
});

test("every command works for an app, but those that only read reports", () => {
  const scripts = readdirSync("scripts").filter((name) =>
    /^main(ForApp)?\(/m.test(readFileSync(join("scripts", name), "utf8")),
  );
  const others = scripts.filter(
    (name) => !/^mainForApp\(/m.test(readFileSync(join("scripts", name), "utf8")),
  );
  expect(scripts.length).toBeGreaterThan(12);
  expect(others).toEqual(["comment.ts", "drift-issue.ts"]);
});

describe("npm run smoke", () => {
  test.each([
    ["Hello", 0],
    ["Good-bye", 1],
  ])("runs the smoke test of the app: of %j it says %i", async (greeting, code) => {
    const server = createServer((_, response) => response.end(greeting)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const said = await run("smoke", url, "--app", SMALL);
    server.close();
    expect(said.code).toBe(code);
    expect(said.stdout).toContain("ok      wait for /health");
    if (code === 1) expect(said.stderr).toContain("FAILED  greet");
  });

  test("says what an app without a smoke test lacks", async () => {
    synthesizedApp(folder);
    await expect(
      loadPlatformFile(chooseApp(folder), "smoke-test.ts", "smokeTest" as never),
    ).rejects.toThrow(`${join(folder, "smoke-test.ts")}: expected a file that exports smokeTest`);
  });
});
