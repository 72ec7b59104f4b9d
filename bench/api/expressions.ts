import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Row } from "../../api/items/store/item-row";

type Values = Readonly<Record<string, AttributeValue>>;

/**
 * Whether `row` meets a condition. The condition consists of terms joined by AND, in the forms that
 * the benchmarked services use. A term of any other form throws, so that no condition is ignored.
 */
export function meets(row: Row | undefined, condition: string, values: Values = {}): boolean {
  const terms = condition.replace(
    /(\w+) BETWEEN (:\w+) AND (:\w+)/g,
    (_, name: string, least: string, most: string) => `${name} >= ${least} AND ${name} <= ${most}`,
  );
  return terms.split(" AND ").every((term) => {
    const [, absent] = /^attribute_not_exists\((\w+)\)$/.exec(term) ?? [];
    if (absent !== undefined) return row?.[absent] === undefined;
    const [, name = "", operator, value = ""] = /^(\w+) (=|>=|<=) (:\w+)$/.exec(term) ?? [];
    if (operator === undefined) throw unknownForm(term);
    if (row?.[name] === undefined) return false;
    const difference = numberIn(row, name) - numberIn(values, value);
    if (operator === "=") return difference === 0;
    return operator === ">=" ? difference >= 0 : difference <= 0;
  });
}

/**
 * The row after an update with SET clauses. Each clause sets a value, or adds a number to an
 * attribute.
 */
export function updated(row: Row, expression: string, values: Values = {}): Row {
  const changes = expression
    .replace(/^SET /, "")
    .split(", ")
    .map((clause): [string, AttributeValue | undefined] => {
      const [, name = "", base, value] = /^(\w+) = (?:(\w+) \+ )?(:\w+)$/.exec(clause) ?? [];
      if (value === undefined) throw unknownForm(clause);
      if (base === undefined) return [name, values[value]];
      return [name, { N: String(numberIn(row, base) + numberIn(values, value)) }];
    });
  return { ...row, ...(Object.fromEntries(changes) as Row) };
}

function numberIn(values: Values, name: string): number {
  const number = values[name]?.N;
  if (number === undefined) throw new Error(`${name} is not a number`);
  return Number(number);
}

const unknownForm = (expression: string) =>
  new Error(`bench/api/expressions.ts does not support the expression "${expression}"`);
