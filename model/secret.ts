import { mismatch, type Problem } from "./problem";

/**
 * A secret in Secrets Manager. Terraform creates it without a value, so that no state and no plan contains the
 * value. A person or a program sets the value later.
 */
export interface Secret {
  readonly name: string;
  /** The keys of the value, which is a JSON object of texts. @default - the value is one text */
  readonly keys?: readonly string[];
}

// ECS separates the parts of a reference to a secret with colons.
const KEY = /^[A-Za-z0-9_.-]{1,128}$/;
const KEY_RULE = "1 to 128 letters, digits and the characters _ . -";

export function* secretProblems({ name, keys }: Secret): Iterable<Problem> {
  if (keys === undefined) return;
  const field = `secrets.${name}.keys`;
  for (const key of keys) yield* mismatch(field, key, KEY, KEY_RULE);
  if (keys.length === 0 || new Set(keys).size < keys.length) {
    yield { field, value: keys, allowed: "one key or more, each of them once" };
  }
}
