import { isRunByATest, runbookBlocks } from "../e2e/support/runbook";

const commands = runbookBlocks().filter(({ language }) => language === "sh");

test.each(commands.map(({ section, text }) => [section, text] as const))(
  "%s: its commands say who has run them",
  (_, text) => {
    expect(text).toMatch(/^# (run by a test\n|not run: \S)/);
  },
);

test("nearly all are run by a test", () => {
  expect(commands.filter((block) => !isRunByATest(block))).toHaveLength(2);
});
