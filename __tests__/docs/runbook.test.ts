import { isRunByATest, runbookBlocks } from "../e2e/support/runbook";

const commands = runbookBlocks().filter(({ language }) => language === "sh");

test.each(commands.map(({ section, text }) => [section, text] as const))(
  "%s: its commands say who has run them",
  (_, text) => {
    expect(text).toMatch(/^# (run by a test\n|not run: \S)/);
  },
);

test("a test runs all blocks except those that the local AWS does not support", () => {
  const others = commands.filter((block) => !isRunByATest(block));
  expect(others.map(({ text }) => /^# not run: (.*)$/m.exec(text)?.[1])).toEqual([
    "needs Docker; the test pushes the same commit's image without it",
    "the local AWS has no AWS Backup",
    "the local AWS makes no backup of a table that is deleted",
  ]);
});
