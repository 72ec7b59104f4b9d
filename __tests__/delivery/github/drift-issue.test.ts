import { GitHub } from "../../../delivery/github/client";
import { DRIFT_MARKER, driftIn, writeDriftIssue } from "../../../delivery/github/drift-issue";
import { FakeGitHub } from "./fake-github";
import { report } from "./reports";

const BOT = "github-actions[bot]";
const fake = new FakeGitHub();
beforeAll(() => fake.start());
beforeEach(() => {
  fake.reset();
});
afterAll(() => fake.stop());

const body = (text: string) => `${DRIFT_MARKER}\n${text}`;
const write = (drift: Parameters<typeof writeDriftIssue>[1], text: string) =>
  writeDriftIssue(
    new GitHub({ apiUrl: fake.url, repository: "owner/name", token: "token" }),
    drift,
    body(text),
  );

test("one issue is opened, updated, closed, and another opened when it drifts again", async () => {
  await expect(write("drift", "monday")).resolves.toBe("opened issue #1");
  expect(fake.issues[0]).toMatchObject({ labels: ["drift"], body: body("monday"), state: "open" });

  await expect(write("drift", "tuesday")).resolves.toBe("updated issue #1");
  expect(fake.issues).toMatchObject([{ body: body("tuesday"), state: "open" }]);

  await expect(write("none", "gone")).resolves.toBe("closed issue #1");
  expect(fake.issues).toMatchObject([{ body: body("tuesday"), state: "closed" }]);
  expect(fake.comments.map((comment) => comment.body)).toEqual([body("gone")]);

  await expect(write("none", "still gone")).resolves.toMatch(/there is no issue/);
  await expect(write("drift", "thursday")).resolves.toBe("opened issue #2");
});

test("a state that could not be checked closes nothing, overwrites nothing and opens nothing", async () => {
  await expect(write("unknown", "?")).resolves.toBe("opened no issue");
  fake.add(fake.issues, BOT, body("known"), { labels: ["drift"] });
  await expect(write("unknown", "?")).resolves.toBe("left issue #1 as it is");
  expect(fake.issues).toMatchObject([{ body: body("known"), state: "open" }]);
  expect(fake.comments).toEqual([]);
});

test("issues of others, pull requests and other labels are left alone", async () => {
  fake.add(fake.issues, "someone", body("theirs"), { labels: ["drift"] });
  fake.add(fake.issues, BOT, body("a pull request"), { labels: ["drift"], pull_request: {} });
  fake.add(fake.issues, BOT, "no marker", { labels: ["drift"] });
  fake.add(fake.issues, BOT, body("another label"), { labels: ["bug"] });
  const before = structuredClone(fake.issues);
  await expect(write("none", "gone")).resolves.toMatch(/there is no issue/);
  await expect(write("drift", "ours")).resolves.toBe("opened issue #5");
  expect(fake.issues.slice(0, 4)).toEqual(before);
});

test.each([
  ["none", [report("dev", "no changes"), report("prod", "no changes")], []],
  ["drift", [report("dev", "no changes"), report("prod", "no changes", "changes")], []],
  ["drift", [report("dev", "changes"), report("prod", "error")], ["staging"]],
  ["unknown", [report("dev", "no changes"), report("prod", "no changes", "error")], []],
  ["unknown", [report("dev", "no changes", "waits")], []],
  ["unknown", [report("dev", "no changes")], ["prod"]],
  ["unknown", [], ["prod"]],
] as const)("%s in %j without %j", (drift, reports, missing) => {
  expect(driftIn(reports, missing)).toBe(drift);
});
