/** What planning the states of one environment came to: what is reviewed, compared and shown. */
import { lstatSync, readFileSync } from "node:fs";
import { z } from "zod";

// A report may come from the code of a pull request, and is shown in a comment by a job that trusts it
// with nothing. What stands outside of a code block there must be a name.
const name = z.string().regex(/^[a-z][a-z0-9-]{0,99}$/);

const image = z.string().regex(/^([0-9a-f]{40}|([0-9a-f]{40}@)?sha256:[0-9a-f]{64})$/);

const resourceChange = z.object({
  /** Of the resource, such as `aws_lb.load_balancer`, or of an output: `output.dns_name`. */
  address: z.string().regex(/^[^`\r\n]{1,500}$/),
  action: z.enum(["add", "change", "replace", "destroy", "forget"]),
  /** Whether data is lost with it: a table, a bucket, a key, a repository, a log group. */
  stateful: z.boolean(),
  /** What differs. Values not to be seen are `(sensitive)`, those to come `(known after apply)`. */
  attributes: z.record(z.string(), z.object({ before: z.unknown(), after: z.unknown() })),
});

const stateReport = z
  .object({
    /** `<environment>-<state>`. */
    state: name,
    /** `waits`: cannot be planned before another state, which it reads, has been deployed. */
    outcome: z.enum(["no changes", "changes", "waits", "error"]),
    /** What Terraform said of an error, or the name of the state that it waits for; else empty. */
    detail: z.string(),
    changes: z.array(resourceChange),
    /** Terraform's own words for people, without colors; empty when there is no plan. */
    plan: z.string(),
  })
  .refine(({ outcome, detail }) => outcome !== "waits" || name.safeParse(detail).success, {
    path: ["detail"],
    message: "expected the name of a state",
  });

const report = z.object({
  environment: name,
  /** By the name of the service: the image that it was planned with. */
  images: z.record(name, image),
  /** In the order in which they are deployed. */
  states: z.array(stateReport),
});

/** A plan of 100 states of 100 resources stays far below it. */
const MAX_BYTES = 50 * 1024 * 1024;

export type Report = z.infer<typeof report>;
export type StateReport = z.infer<typeof stateReport>;
export type ResourceChange = z.infer<typeof resourceChange>;
export type Action = ResourceChange["action"];

/** @throws when the file is missing, or is no report; the message says where it stops being one */
export function readReport(file: string): Report {
  let json: unknown;
  try {
    // The link itself: it could lead to what the job alone may read.
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

/** 0: nothing would change. 2: something would. 1: a state could not be planned. */
export function exitCodeOf({ states }: Report) {
  const outcomes = new Set(states.map(({ outcome }) => outcome));
  if (outcomes.has("error")) return 1;
  return outcomes.has("changes") || outcomes.has("waits") ? 2 : 0;
}
