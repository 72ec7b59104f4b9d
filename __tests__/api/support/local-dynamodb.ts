import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";

export const TABLE_NAME = "items";

export interface LocalDynamoDb {
  readonly client: DynamoDBClient;
  /** The SDK's standard environment variables for this DynamoDB. */
  readonly env: Readonly<Record<string, string>>;
  /** The actions that were called since the table was created, in order. */
  readonly actions: readonly string[];
  readonly stop: () => Promise<void>;
}

/**
 * Starts a DynamoDB on a free port with an empty items table that has the same keys as the deployed
 * one.
 */
export async function startLocalDynamoDb(): Promise<LocalDynamoDb> {
  const server = dynalite({ createTableMs: 0 }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const env = awsEnv((server.address() as AddressInfo).port);
  const client = new DynamoDBClient({
    endpoint: env.AWS_ENDPOINT_URL,
    region: env.AWS_REGION,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  await createTable(client);
  const actions: string[] = [];
  server.on("request", ({ headers }: IncomingMessage) => {
    actions.push(String(headers["x-amz-target"]).replace(/^.*\./, ""));
  });
  return {
    client,
    env,
    actions,
    async stop() {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The SDK's standard environment variables for an endpoint on this machine. */
export function awsEnv(port: number) {
  return {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
}

async function createTable(client: DynamoDBClient) {
  await client.send(
    new CreateTableCommand({
      TableName: TABLE_NAME,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    }),
  );
  await waitUntilTableExists(
    { client, maxWaitTime: 10, minDelay: 0.1, maxDelay: 0.1 },
    { TableName: TABLE_NAME },
  );
}
