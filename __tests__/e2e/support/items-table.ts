import {
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  type AttributeValue,
  type TransactWriteItem,
} from "@aws-sdk/client-dynamodb";
import { uniqueName } from "./unique-name";
import { type EmulatedAws } from "./use-emulator";

export type Row = Record<string, AttributeValue>;

/** An item of the table. */
export const row = (id: string, quantity = 1, more: Row = {}): Row => ({
  id: { S: id },
  shard: { N: "0" },
  quantity: { N: String(quantity) },
  version: { N: "1" },
  ...more,
});

/** A table with an index `by-quantity` on `shard` and `quantity`, and what tests do with it. */
export async function createItems({ config }: EmulatedAws) {
  const table = uniqueName("table");
  const client = new DynamoDBClient({ ...config, maxAttempts: 1 });
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "id", AttributeType: "S" },
        { AttributeName: "shard", AttributeType: "N" },
        { AttributeName: "quantity", AttributeType: "N" },
      ],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-quantity",
          KeySchema: [
            { AttributeName: "shard", KeyType: "HASH" },
            { AttributeName: "quantity", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "ALL" },
        },
      ],
    }),
  );
  const ofIndex = (IndexName: string) => ({
    IndexName,
    KeyConditionExpression: "#shard = :shard AND quantity <= :max",
    ExpressionAttributeNames: { "#shard": "shard" },
    ExpressionAttributeValues: { ":shard": { N: "0" }, ":max": { N: "5" } },
  });
  const rows = async () => (await client.send(new ScanCommand({ TableName: table }))).Items;
  const put = (Item: Row) => client.send(new PutItemCommand({ TableName: table, Item }));
  const remove = (id: string) =>
    client.send(new DeleteItemCommand({ TableName: table, Key: { id: { S: id } } }));
  const putNew = (id: string): TransactWriteItem => ({
    Put: {
      TableName: table,
      Item: row(id),
      ConditionExpression: "attribute_not_exists(id)",
    },
  });
  const page = async (index: string | undefined, Limit: number, ExclusiveStartKey?: Row) => {
    const read = { TableName: table, Limit, ExclusiveStartKey };
    const { Items = [], LastEvaluatedKey } = index
      ? await client.send(new QueryCommand({ ...read, ...ofIndex(index) }))
      : await client.send(new ScanCommand(read));
    return { ids: Items.map(({ id }) => id?.S ?? ""), next: LastEvaluatedKey };
  };
  return { table, client, rows, put, remove, putNew, page };
}
