import { join, relative, sep } from "node:path";

/** A field with a wrong value, and a description of the values that are allowed. */
export interface Problem {
  readonly field: string;
  readonly value: unknown;
  readonly allowed: string;
}

/**
 * The path of a source file for use in messages. It is relative to the root of the repository, so that synth
 * writes the same text on every machine.
 */
export const sourceFile = (file: string) =>
  relative(join(__dirname, ".."), file).split(sep).join("/");

/** @throws one error for all problems. Each line names the file, the field, its value and what is allowed. */
export function refuse(file: string, problems: Iterable<Problem>) {
  const lines = [...problems].map(
    ({ field, value, allowed }) =>
      `${sourceFile(file)}: ${field} is ${JSON.stringify(value)}, expected ${allowed}`,
  );
  if (lines.length > 0) throw new Error(lines.join("\n"));
}

export function* mismatch(
  field: string,
  value: string,
  pattern: RegExp,
  allowed: string,
): Iterable<Problem> {
  if (!pattern.test(value)) yield { field, value, allowed };
}

export function* outside(
  field: string,
  value: number,
  min: number,
  max: number,
): Iterable<Problem> {
  if (!Number.isInteger(value) || value < min || value > max) {
    yield { field, value, allowed: `a whole number from ${min} to ${max}` };
  }
}
