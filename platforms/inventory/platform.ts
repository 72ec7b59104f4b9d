import { definePlatform } from "../../model/platform";

export const platform = definePlatform({
  file: __filename,
  name: "inventory",
  services: [
    {
      name: "inventory",
      image: { context: ".", dockerfile: "Dockerfile" },
      containerPort: 8080,
      cpuArchitecture: "ARM64",
      // The system that this one replaces has no authentication. README.md says how to ask for access tokens.
      auth: "none",
      route: { priority: 100, paths: ["/*"], healthCheckPath: "/health" },
      containerHealthCheck: ["CMD", "node", "healthcheck.js"],
      user: "65532:65532",
      // The API logs the counts and durations of requests and DynamoDB calls, and CloudWatch turns these log lines
      // into metrics (embedded metric format).
      environment: { METRICS: "emf" },
      // Without grants and tables, there would be no dynamodb state and the API would keep its items in memory.
      grants: [
        {
          kind: "table",
          table: "items",
          actions: ["BatchGetItem", "DeleteItem", "PutItem", "Scan", "UpdateItem"],
          indexes: [{ name: "by-quantity", actions: ["Query"] }],
          variable: "ITEMS_TABLE",
        },
        {
          kind: "table",
          table: "claims",
          actions: ["DeleteItem", "GetItem", "PutItem"],
          variable: "CLAIMS_TABLE",
        },
      ],
    },
  ],
  tables: [
    {
      name: "items",
      partitionKey: "id",
      indexes: [
        {
          name: "by-quantity",
          // The shard has four values, because one partition of the index would limit the rate of writes.
          partitionKey: { name: "shard", type: "N" },
          sortKey: { name: "quantity", type: "N" },
        },
      ],
    },
    {
      // Each row claims something that may exist only once: a SKU, or the response to a request.
      name: "claims",
      partitionKey: "claim",
      timeToLive: { attribute: "expiresAt", status: "enabled" },
    },
  ],
});

const ITEM = `{"sku": "tea-1", "name": "Green tea", "quantity": 12, "unitPrice": "3.90"}`;

/**
 * The commands that `npm start` shows for trying the platform.
 *
 * @param header curl's option with the access token, or an empty text when the API requires none
 */
export const tryIt = (url: string, header: string) => `
  curl ${url}/health
  curl ${url}/items${header} -H 'content-type: application/json' -d '${ITEM}'
  curl ${url}/items${header}

API page   ${url}/docs`;
