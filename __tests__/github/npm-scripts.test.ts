import { readFileSync } from "node:fs";
import { jobs, steps } from "./workflow-files";

const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
  scripts: Record<string, string>;
};

test("the scripts that the workflows run exist, and people can run them with npm, too", () => {
  const run = steps.flatMap((step) =>
    [...(step.run ?? "").matchAll(/(?:npm run |npx tsx scripts\/)([\w-]+)/g)].map(
      ([, script = ""]) => script,
    ),
  );
  const commands = jobs.flatMap(([, job]) => (job.with?.command as string | undefined) ?? []);
  const called = new Set([...run, ...commands]);
  expect([...called].filter((script) => !(script in scripts))).toEqual([]);
  expect(called.size).toBeGreaterThan(8);
});
