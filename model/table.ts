import { namesIn } from "./name";
import { mismatch, type Problem } from "./problem";
import type { TableIndex } from "./table-index";
import { type TimeToLive, timeToLiveProblems } from "./time-to-live";

/** A DynamoDB table. Services may use it when a grant of theirs says so. */
export interface Table {
  readonly name: string;
  /** Name of the partition key, a string. */
  readonly partitionKey: string;
  /** What the table can be queried by besides its partition key. @default - none */
  readonly indexes?: readonly TableIndex[];
  /** @default - rows stay */
  readonly timeToLive?: TimeToLive;
}

// The lock table is called `<platform>-<environment>-terraform-locks`.
const NOT_LOCK_TABLE = /^(?!terraform-locks$)/;
const NOT_LOCK_TABLE_RULE = "another name, because the lock table has this one";

export function* tableProblems(table: Table): Iterable<Problem> {
  const { name, indexes = [], timeToLive } = table;
  yield* mismatch("tables.name", name, NOT_LOCK_TABLE, NOT_LOCK_TABLE_RULE);
  yield* namesIn(`tables.${name}.indexes`, indexes);
  if (timeToLive) yield* timeToLiveProblems(`tables.${name}.timeToLive`, timeToLive);
  yield* keyTypeProblems(table);
}

/** An attribute that is a key of the table and of an index has the same type in both. */
function* keyTypeProblems({ name, partitionKey, indexes = [] }: Table): Iterable<Problem> {
  const types = new Map([[partitionKey, "S"]]);
  for (const index of indexes) {
    for (const key of ["partitionKey", "sortKey"] as const) {
      const attribute = index[key];
      const type = types.get(attribute.name) ?? attribute.type;
      types.set(attribute.name, type);
      if (type === attribute.type) continue;
      yield {
        field: `tables.${name}.indexes.${index.name}.${key}.type`,
        value: attribute.type,
        allowed: `"${type}", which ${attribute.name} is already`,
      };
    }
  }
}
