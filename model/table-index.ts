/** A global secondary index, which holds whole rows: those that have both of its keys. */
export interface TableIndex {
  readonly name: string;
  readonly partitionKey: KeyAttribute;
  readonly sortKey: KeyAttribute;
}

/** An attribute that is a key: a string or a number. */
export interface KeyAttribute {
  readonly name: string;
  readonly type: "S" | "N";
}
