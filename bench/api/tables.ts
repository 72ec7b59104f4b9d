/** The tables of the database and their partition keys, which are the same for every program. */
export const TABLES = { items: "id", claims: "claim" } as const;

/** The SDK's standard environment variables for a DynamoDB API at `port` on this machine. */
export function awsEnv(port: number) {
  return {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    ITEMS_TABLE: "items",
    CLAIMS_TABLE: "claims",
  };
}
