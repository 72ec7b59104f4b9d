import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type { Item } from "../item";
import { rowOf } from "./item-row";

/** The conditional parts of a transaction that write the table `items`. */
export const itemTable = (TableName: string) => ({
  putNew: (item: Item): TransactWriteItem => ({
    Put: { TableName, Item: rowOf(item), ConditionExpression: "attribute_not_exists(id)" },
  }),
  replace: (replaced: Item, item: Item): TransactWriteItem => ({
    Put: { TableName, Item: rowOf(item), ...stillOf(replaced) },
  }),
  remove: (item: Item): TransactWriteItem => ({
    Delete: { TableName, Key: { id: { S: item.id } }, ...stillOf(item) },
  }),
});

/** The condition that the stored item is the version that was read. */
const stillOf = ({ version }: Item) => ({
  ConditionExpression: "version = :version",
  ExpressionAttributeValues: { ":version": { N: String(version) } },
  ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
});
