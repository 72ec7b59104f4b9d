import { DynamoDBServiceException, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import { itemSchema } from "./item";
import { ItemStoreUnavailableError, type ItemRepository } from "./item-repository";

const keySchema = z.object({ id: z.string() });

/**
 * Items in the DynamoDB table `tableName`, whose partition key is `id` (S). Uses `GetItem`,
 * `PutItem` and `Scan`, which is what the task role allows.
 */
export function createDynamoDbItemRepository(
  tableName: string,
  client: DynamoDBClient,
): ItemRepository {
  const documents = DynamoDBDocumentClient.from(client);
  return {
    async list({ limit, after }) {
      const ExclusiveStartKey = after === undefined ? undefined : { id: after };
      const { Items = [], LastEvaluatedKey } = await answered(
        documents.send(new ScanCommand({ TableName: tableName, Limit: limit, ExclusiveStartKey })),
      );
      return {
        items: Items.map((item) => itemSchema.parse(item)),
        next: LastEvaluatedKey && keySchema.parse(LastEvaluatedKey).id,
      };
    },
    async get(id) {
      const { Item } = await answered(
        documents.send(new GetCommand({ TableName: tableName, Key: { id }, ConsistentRead: true })),
      );
      return Item && itemSchema.parse(Item);
    },
    async put(item) {
      const ConditionExpression = "attribute_not_exists(id)";
      await answered(
        documents.send(new PutCommand({ TableName: tableName, Item: item, ConditionExpression })),
      );
    },
  };
}

async function answered<Output>(call: Promise<Output>): Promise<Output> {
  try {
    return await call;
  } catch (error) {
    throw isRefusal(error) ? error : new ItemStoreUnavailableError(error);
  }
}

const THROTTLING_ERRORS = [
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "ThrottlingException",
];

/** DynamoDB answered and the same request would be refused again: a fault of ours, not an outage. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof DynamoDBServiceException &&
    error.$fault === "client" &&
    !THROTTLING_ERRORS.includes(error.name)
  );
}
