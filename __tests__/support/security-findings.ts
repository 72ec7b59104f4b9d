import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

const FILE = "security-findings.yaml";

const entrySchema = z.strictObject({
  /** The id of checkov's check. */
  check: z.string().regex(/^CKV2?_[A-Z]+_\d+$/, "expected the name of a check, such as CKV_AWS_18"),
  /** `<state or template> <resource>` */
  where: z.array(z.string().regex(/^\S+ \S+$/, "expected <state or template> <resource>")).min(1),
  reason: z.string().min(10, "expected a reason of 10 characters or more"),
  instead: z.string().min(10, "expected what protects instead, in 10 characters or more"),
});

/** A finding of checkov. */
export interface Finding {
  readonly check: string;
  /** `<state or template> <resource>` */
  readonly where: string;
  /** The requirement of the check. */
  readonly title: string;
}

/** @throws Error naming the place in the file of each invalid entry */
export function readLedger(text = readFileSync(FILE, "utf8")) {
  const { data, error } = z.array(entrySchema).safeParse(parse(text) ?? []);
  if (data) return data;
  throw new Error(`${FILE}: ${z.prettifyError(error)}`);
}

/** One line for each finding that is not accepted, and for each entry that matches no finding. */
export function differences(
  findings: readonly Finding[],
  ledger: ReturnType<typeof readLedger>,
): string[] {
  const entries = ledger.flatMap(({ check, where }) => where.map((each) => `${check} ${each}`));
  const keyOf = ({ check, where }: Finding) => `${check} ${where}`;
  const found = new Set(findings.map(keyOf));
  return [
    ...findings
      .filter((finding) => !entries.includes(keyOf(finding)))
      .map(
        (finding) =>
          `${keyOf(finding)}: ${finding.title}. Fix it, or accept it in ${FILE} with a reason and the protection that exists instead.`,
      ),
    ...entries
      .filter((entry) => !found.has(entry))
      .map((entry) => `${entry}: nothing is found there any more. Remove it from ${FILE}.`),
  ];
}
