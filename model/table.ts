import { namesIn } from "./name";
import { mismatch, type Problem } from "./problem";
import type { TableIndex } from "./table-index";
import { type TimeToLive, timeToLiveProblems } from "./time-to-live";

/** A DynamoDB table. A service needs a grant to use it. */
export interface Table {
  readonly name: string;
  /** Name of the partition key, whose type is a string. */
  readonly partitionKey: string;
  /** Indexes for queries by other attributes than the partition key. @default - none */
  readonly indexes?: readonly TableIndex[];
  /** @default - rows do not expire */
  readonly timeToLive?: TimeToLive;
}

// The lock table of Terraform is named `<platform>-<environment>-terraform-locks`.
const NOT_LOCK_TABLE = /^(?!terraform-locks$)/;
const NOT_LOCK_TABLE_RULE = "another name, because the lock table has this one";

export function* tableProblems(table: Table): Iterable<Problem> {
  const { name, indexes = [], timeToLive } = table;
  yield* mismatch("tables.name", name, NOT_LOCK_TABLE, NOT_LOCK_TABLE_RULE);
  yield* namesIn(`tables.${name}.indexes`, indexes);
  if (timeToLive) yield* timeToLiveProblems(`tables.${name}.timeToLive`, timeToLive);
  yield* keyTypeProblems(table);
}

/** Finds key attributes with two types. Such an attribute must have one type in the table and in all its indexes. */
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
