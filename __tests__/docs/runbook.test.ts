import { isRunByATest, runbookBlocks } from "../e2e/support/runbook";

const commands = runbookBlocks().filter(({ language }) => language === "sh");

test.each(commands.map(({ section, text }) => [section, text] as const))(
  "%s: its commands say who has run them",
  (_, text) => {
    expect(text).toMatch(/^# (run by a test\n|not run: \S)/);
  },
);

test("all but what needs Docker are run by a test", () => {
  const others = commands.filter((block) => !isRunByATest(block));
  expect(others.map(({ text }) => text)).toEqual([expect.stringContaining("needs Docker")]);
});
