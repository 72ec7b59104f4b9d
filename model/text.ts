/**
 * Says why a text would not reach AWS as it is, if so. Terraform normalizes every string to NFC, and no
 * environment variable can hold a zero byte.
 */
export function textProblem(text: string): string | undefined {
  if (text.includes("\0")) return "a text without a zero byte";
  if (/\p{Surrogate}/u.test(text)) return "a text of whole Unicode characters";
  if (text !== text.normalize("NFC")) {
    return "a text in Unicode's normalization form C, to which Terraform changes every text";
  }
  return undefined;
}
