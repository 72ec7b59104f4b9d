import type { Problem } from "./problem";

/**
 * Finds what would keep a text from reaching AWS as it is: Terraform normalizes every string to NFC, and
 * an environment variable cannot hold a zero byte.
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
