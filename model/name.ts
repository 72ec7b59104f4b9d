import { mismatch, type Problem } from "./problem";

const NAME = /^(?=.{2,20}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const NAME_RULE = "2 to 20 lower-case letters, digits and single hyphens, a letter first";

/** Finds what is wrong with the name of a platform, a service, a table, an index or a secret. */
export const nameProblems = (field: string, name: string) => mismatch(field, name, NAME, NAME_RULE);

/** Finds names that are malformed, and names that more than one of `things` has. */
export function* namesIn(
  field: string,
  things: readonly { readonly name: string }[],
): Iterable<Problem> {
  for (const [i, { name }] of things.entries()) {
    yield* nameProblems(`${field}.name`, name);
    if (things.findIndex((other) => other.name === name) < i) {
      yield { field: `${field}.name`, value: name, allowed: "a name that no other has" };
    }
  }
}

/** Lists the names of `things` for the `allowed` text of a problem. */
export const oneOf = (things: readonly { readonly name: string }[]) =>
  `one of ${things.map(({ name }) => name).join(", ")}`;
