import { QueryCommand, ScanCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Item } from "../item";
import type { ItemRepository, PageRequest, Position } from "../item-repository";
import { itemOf, shardOf, SHARDS } from "./item-row";
import { answered } from "./store-error";

/** Lists the items of a table, page by page. */
export function itemPages(
  client: DynamoDBClient,
  tableName: string,
): Pick<ItemRepository, "list" | "listLowStock"> {
  async function queryShard(shard: number, maxQuantity: number, limit: number, after?: Position) {
    const { Items = [], LastEvaluatedKey } = await answered(
      client.send(
        new QueryCommand({
          TableName: tableName,
          IndexName: "by-quantity",
          KeyConditionExpression: "#shard = :shard AND quantity <= :max",
          // `shard` is a reserved word in DynamoDB.
          ExpressionAttributeNames: { "#shard": "shard" },
          ExpressionAttributeValues: {
            ":shard": { N: String(shard) },
            ":max": { N: String(maxQuantity) },
          },
          Limit: limit,
          ExclusiveStartKey: after && {
            id: { S: after.id },
            shard: { N: String(shard) },
            quantity: { N: String(after.quantity) },
          },
        }),
      ),
    );
    return { items: Items.map(itemOf), isCut: LastEvaluatedKey !== undefined };
  }

  return {
    async list({ limit, after }: PageRequest) {
      const { Items = [], LastEvaluatedKey } = await answered(
        client.send(
          new ScanCommand({
            TableName: tableName,
            Limit: limit,
            ExclusiveStartKey: after && { id: { S: after.id } },
          }),
        ),
      );
      const found = Items.map(itemOf);
      return { items: found, next: LastEvaluatedKey && found.at(-1) };
    },

    async listLowStock(maxQuantity, { limit, after }) {
      const found: Item[] = [];
      for (let shard = after ? shardOf(after.id) : 0; shard < SHARDS; shard++) {
        const start = after && shardOf(after.id) === shard ? after : undefined;
        const { items, isCut } = await queryShard(shard, maxQuantity, limit - found.length, start);
        found.push(...items);
        // The page ends at the limit or at the 1 MB that DynamoDB reads in one call.
        if (isCut || found.length === limit) return { items: found, next: found.at(-1) };
      }
      return { items: found, next: undefined };
    },
  };
}
