/** A global secondary index. It contains the rows that have both key attributes, with all of their attributes. */
export interface TableIndex {
  readonly name: string;
  readonly partitionKey: KeyAttribute;
  readonly sortKey: KeyAttribute;
}

/** A key attribute, whose type is a string (`S`) or a number (`N`). */
export interface KeyAttribute {
  readonly name: string;
  readonly type: "S" | "N";
}
