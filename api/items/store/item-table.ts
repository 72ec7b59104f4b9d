import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type { Item } from "../item";
import { rowOf } from "./item-row";

/** What a transaction does to the table `items`, each part on a condition. */
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

/** That the item which is stored is the one that was read. */
const stillOf = ({ version }: Item) => ({
  ConditionExpression: "version = :version",
  ExpressionAttributeValues: { ":version": { N: String(version) } },
  ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
});
