import { oneOf } from "./name";
import type { Problem } from "./problem";
import type { Table } from "./table";
import { variableNameProblems } from "./variable-name";

/** A resource that a service may use. The task role allows the use, and an environment variable has its name. */
export type Grant = TableGrant;

/** What a service may do with a table of the platform. */
export interface TableGrant {
  readonly kind: "table";
  /** Name of the table. */
  readonly table: string;
  /** The only DynamoDB actions that are allowed on the table, without their prefix, such as `GetItem`. */
  readonly actions: readonly string[];
  /** The actions that are allowed on indexes. IAM treats each index as a resource of its own. @default - none */
  readonly indexes?: readonly { readonly name: string; readonly actions: readonly string[] }[];
  /** The environment variable of the container that has the table's name. */
  readonly variable: string;
}

export function* grantProblems(
  field: string,
  grant: Grant,
  tables: readonly Table[],
): Iterable<Problem> {
  const { actions, indexes = [], variable } = grant;
  const of = `${field}.${grant.table}`;
  yield* actionProblems(`${of}.actions`, actions);
  for (const index of indexes) yield* actionProblems(`${of}.indexes.actions`, index.actions);
  yield* variableNameProblems(`${of}.variable`, variable);
  const table = tables.find(({ name }) => name === grant.table);
  if (!table) {
    const allowed = tables.length > 0 ? oneOf(tables) : "none, as the platform has no table";
    yield { field: `${field}.table`, value: grant.table, allowed };
    return;
  }
  const known = table.indexes ?? [];
  for (const { name } of indexes) {
    if (known.some((index) => index.name === name)) continue;
    const allowed = known.length > 0 ? oneOf(known) : "none, as the table has no index";
    yield { field: `${of}.indexes.name`, value: name, allowed };
  }
}

function* actionProblems(field: string, actions: readonly string[]): Iterable<Problem> {
  if (actions.length === 0 || !actions.every((action) => /^[A-Z][A-Za-z]+$/.test(action))) {
    yield { field, value: actions, allowed: "one DynamoDB action or more, such as GetItem" };
  }
}
