import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

const FILE = "scan-exceptions.yaml";

const exception = z.strictObject({
  /** Such as `CVE-2026-12345`. */
  finding: z
    .string()
    .regex(/^[A-Z][\w-]+$/, "expected the name of a finding, such as CVE-2026-12345"),
  reason: z.string().min(10, "expected a reason of 10 characters or more"),
  /** The last day of the exception, in UTC. */
  until: z.iso.date("expected a date, such as 2026-12-31"),
});

export type ScanException = z.infer<typeof exception>;

/**
 * The critical findings that may be deployed for a while.
 *
 * @throws when an entry is invalid; the message says where it is in the file
 */
export function readScanExceptions(directory = join(__dirname, "..", "..")): ScanException[] {
  const text = readFileSync(join(directory, FILE), "utf8");
  const { data, error } = z.array(exception).safeParse(parse(text) ?? []);
  if (data) return data;
  throw new Error(
    `${FILE}: ${z.prettifyError(error)}\nAn exception is a line: - { finding: CVE-2026-12345, reason: "why it does no harm here", until: 2026-12-31 }`,
  );
}
