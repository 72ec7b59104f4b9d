/** The report of the plans of one environment, which is reviewed, compared and shown. */
import { lstatSync, readFileSync } from "node:fs";
import { z } from "zod";

// A report may come from the code of a pull request. The job that shows it in a comment must not trust it, so every
// value that is shown outside of a code block must match the pattern of a name.
const name = z.string().regex(/^[a-z][a-z0-9-]{0,99}$/);

const image = z.string().regex(/^([0-9a-f]{40}|([0-9a-f]{40}@)?sha256:[0-9a-f]{64})$/);

const resourceChange = z.object({
  /** The address of a resource, such as `aws_lb.load_balancer`, or of an output, such as `output.dns_name`. */
  address: z.string().regex(/^[^`\r\n]{1,500}$/),
  action: z.enum(["add", "change", "replace", "destroy", "forget"]),
  /** Whether the resource holds data: a table, a bucket, a key, a repository or a log group. */
  stateful: z.boolean(),
  /** The attributes that differ. Secret values are `(sensitive)`, and unknown ones `(known after apply)`. */
  attributes: z.record(z.string(), z.object({ before: z.unknown(), after: z.unknown() })),
});

const stateReport = z
  .object({
    /** `<environment>-<state>`. */
    state: name,
    /** `waits` means that the state reads outputs of a state that must be deployed before this one can be planned. */
    outcome: z.enum(["no changes", "changes", "waits", "error"]),
    /** Terraform's error, or the name of the state that this one waits for. It is empty for other outcomes. */
    detail: z.string(),
    changes: z.array(resourceChange),
    /** The text of the plan as Terraform prints it, without colors. It is empty when there is no plan. */
    plan: z.string(),
  })
  .refine(({ outcome, detail }) => outcome !== "waits" || name.safeParse(detail).success, {
    path: ["detail"],
    message: "expected the name of a state",
  });

const report = z.object({
  environment: name,
  /** The image that each service was planned with, by the name of the service. */
  images: z.record(name, image),
  /** The states in the order in which they are deployed. */
  states: z.array(stateReport),
});

/** The greatest size of a report's file. The report of 100 states with 100 resources each is far smaller. */
const MAX_BYTES = 50 * 1024 * 1024;

export type Report = z.infer<typeof report>;
export type StateReport = z.infer<typeof stateReport>;
export type ResourceChange = z.infer<typeof resourceChange>;
export type Action = ResourceChange["action"];

/** @throws when the file is missing or is not a report; the message names the first invalid field */
export function readReport(file: string): Report {
  let json: unknown;
  try {
    // lstat does not follow a link, because a link could lead to a file that only the job may read.
    const entry = lstatSync(file);
    if (!entry.isFile()) throw new Error("it is not a file");
    if (entry.size > MAX_BYTES)
      throw new Error(`it has ${entry.size} bytes, expected at most ${MAX_BYTES}`);
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw notAReport(file, (error as Error).message);
  }
  const { data, error } = report.safeParse(json);
  if (!data) throw notAReport(file, z.prettifyError(error));
  return data;
}

const notAReport = (file: string, why: string) =>
  new Error(`${file} is not a report of npm run plan -- <environment> --out <folder>: ${why}`);

/** Returns 0 when nothing would change, 2 when something would, and 1 when a state could not be planned. */
export function exitCodeOf({ states }: Report) {
  const outcomes = new Set(states.map(({ outcome }) => outcome));
  if (outcomes.has("error")) return 1;
  return outcomes.has("changes") || outcomes.has("waits") ? 2 : 0;
}
