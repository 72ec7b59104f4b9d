import {
  CreateTableCommand,
  waitUntilTableExists,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { platform as inventory } from "../../../platforms/inventory/platform";

export interface ItemTables {
  readonly itemsTable: string;
  readonly claimsTable: string;
}

/** Creates the platform's tables, empty and with the same keys as the deployed ones. */
export async function createItemTables(
  client: DynamoDBClient,
  prefix: string,
): Promise<ItemTables> {
  for (const { name, partitionKey, indexes = [] } of inventory.tables) {
    const keys = [
      { name: partitionKey, type: "S" as const },
      ...indexes.flatMap((index) => [index.partitionKey, index.sortKey]),
    ];
    await client.send(
      new CreateTableCommand({
        TableName: `${prefix}-${name}`,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: partitionKey, KeyType: "HASH" }],
        AttributeDefinitions: keys.map((key) => ({
          AttributeName: key.name,
          AttributeType: key.type,
        })),
        ...(indexes.length > 0 && {
          GlobalSecondaryIndexes: indexes.map((index) => ({
            IndexName: index.name,
            KeySchema: [
              { AttributeName: index.partitionKey.name, KeyType: "HASH" },
              { AttributeName: index.sortKey.name, KeyType: "RANGE" },
            ],
            Projection: { ProjectionType: "ALL" },
          })),
        }),
      }),
    );
    await waitUntilTableExists(
      { client, maxWaitTime: 10, minDelay: 0.1, maxDelay: 0.1 },
      { TableName: `${prefix}-${name}` },
    );
  }
  return { itemsTable: `${prefix}-items`, claimsTable: `${prefix}-claims` };
}
