import { GitHub } from "../../../delivery/github/client";
import { body } from "../../../delivery/github/body";
import { PLANS_MARKER, writePlanComment } from "../../../delivery/github/plan-comment";
import { FakeGitHub } from "./fake-github";
import { report } from "./reports";

const BOT = "github-actions[bot]";
const fake = new FakeGitHub();
beforeAll(() => fake.start());
beforeEach(() => {
  fake.reset();
});
afterAll(() => fake.stop());

const github = (timeoutSeconds?: number) =>
  new GitHub({ apiUrl: fake.url, repository: "owner/name", token: "token", timeoutSeconds });

const text = (title: string) =>
  body({ marker: PLANS_MARKER, title, reports: [report("dev", "changes")], missing: [] });

test("the first plans are a new comment, later ones take its place", async () => {
  await expect(writePlanComment(github(), 7, text("first"))).resolves.toBe("created");
  await expect(writePlanComment(github(), 7, text("second"))).resolves.toBe("updated");
  expect(fake.comments.map(({ user, body }) => [user.login, body])).toEqual([
    [BOT, text("second")],
  ]);
  expect(fake.requests.filter((request) => !request.startsWith("GET"))).toEqual([
    "POST /repos/owner/name/issues/7/comments",
    "PATCH /repos/owner/name/issues/comments/1",
  ]);
});

test("our comment is found behind pages of others", async () => {
  for (let n = 0; n < 230; n++) fake.add(fake.comments, "someone", "a remark");
  const { id } = fake.add(fake.comments, BOT, text("old"));
  await expect(writePlanComment(github(), 7, text("new"))).resolves.toBe("updated");
  expect(fake.comments[id - 1]?.body).toBe(text("new"));
  expect(fake.comments).toHaveLength(231);
  expect(fake.requests.filter((request) => request.includes("page="))).toHaveLength(3);
});

test("comments of others, and other comments of the same user, are not changed", async () => {
  fake.add(fake.comments, "someone", text("quoted"));
  fake.add(fake.comments, BOT, `I said ${PLANS_MARKER} once`);
  await expect(writePlanComment(github(), 7, text("ours"))).resolves.toBe("created");
  expect(fake.comments.map(({ body }) => body)).toEqual([
    text("quoted"),
    `I said ${PLANS_MARKER} once`,
    text("ours"),
  ]);
});

test("on a laptop the comment is of the token's owner", async () => {
  fake.login = "maintainer";
  fake.add(fake.comments, BOT, text("of a job"));
  await expect(writePlanComment(github(), 7, text("by hand"))).resolves.toBe("created");
  await expect(writePlanComment(github(), 7, text("again"))).resolves.toBe("updated");
  expect(fake.comments.map(({ body }) => body)).toEqual([text("of a job"), text("again")]);
});

test.each([403, 404, 500])("an answer of %i is an error with what was asked", async (status) => {
  fake.broken = status;
  const list = github().list("/issues/7/comments", {} as never);
  await expect(list).rejects.toThrow(
    new RegExp(
      `GET http.*/repos/owner/name/issues/7/comments.* ${status} .*Resource not accessible`,
    ),
  );
  expect(fake.comments).toEqual([]);
});

test("a wrong token is an error, not taken for that of a job", async () => {
  const wrong = new GitHub({ apiUrl: fake.url, repository: "owner/name", token: "wrong" });
  await expect(writePlanComment(wrong, 7, text("x"))).rejects.toThrow(/401 .*Bad credentials/);
  expect(fake.requests).toEqual(["GET /user"]);
});

test("a server that does not answer is given up on", async () => {
  fake.broken = "silent";
  await expect(writePlanComment(github(0.2), 7, text("x"))).rejects.toThrow(
    /GET http.*\/user got no answer: .*timeout/,
  );
});

test("an answer in another format is an error that names the place", async () => {
  fake.add(fake.comments, "someone", "x", { id: "one" as never });
  await expect(writePlanComment(github(), 7, text("x"))).rejects.toThrow(
    /comments.* was answered with something unexpected: .*number/,
  );
});
