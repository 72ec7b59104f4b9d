import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/**
 * A DynamoDB client that gives up in good time: with the SDK's three attempts and its pauses, an
 * API request waits some 10 s at most, less than the deadline of a graceful stop (20 s) and the idle
 * timeout of the load balancer (60 s). Region, endpoint, credentials and number of attempts come
 * from the SDK's standard environment.
 */
export function createDynamoDbClient(): DynamoDBClient {
  return new DynamoDBClient({
    requestHandler: {
      connectionTimeout: 1000,
      requestTimeout: 3000,
      // Without it the SDK logs a warning when the time is over, and goes on waiting.
      throwOnRequestTimeout: true,
    },
  });
}
