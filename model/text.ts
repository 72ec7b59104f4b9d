import type { Problem } from "./problem";

/**
 * Finds texts that would not reach AWS unchanged. Terraform normalizes every string to NFC, and an environment
 * variable cannot contain a zero byte.
 */
export function* textProblems(field: string, value: string): Iterable<Problem> {
  if (value.includes("\0")) yield { field, value, allowed: "a text without a zero byte" };
  if (/\p{Surrogate}/u.test(value)) {
    yield { field, value, allowed: "a text without unpaired surrogates" };
  }
  if (value !== value.normalize("NFC")) {
    yield { field, value, allowed: "a text in Unicode's normalization form C (NFC)" };
  }
}
