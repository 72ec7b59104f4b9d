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
      // The API writes counts and times of requests and DynamoDB calls as log lines, and CloudWatch makes metrics of
      // them.
      environment: { METRICS: "emf" },
      // Without grants and tables there is no dynamodb state, and the API keeps its items in memory.
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
          // The shard has four values, because all writes through one partition of the index would limit them.
          partitionKey: { name: "shard", type: "N" },
          sortKey: { name: "quantity", type: "N" },
        },
      ],
    },
    {
      // A row per thing that may exist once: a sku, and the response to a request.
      name: "claims",
      partitionKey: "claim",
      timeToLive: { attribute: "expiresAt", status: "enabled" },
    },
  ],
});

const ITEM = `{"sku": "tea-1", "name": "Green tea", "quantity": 12, "unitPrice": "3.90"}`;

/**
 * What `npm start` shows to try the platform with.
 *
 * @param header curl's option for the access token, empty where none is asked for
 */
export const tryIt = (url: string, header: string) => `
  curl ${url}/health
  curl ${url}/items${header} -H 'content-type: application/json' -d '${ITEM}'
  curl ${url}/items${header}

API page   ${url}/docs`;
