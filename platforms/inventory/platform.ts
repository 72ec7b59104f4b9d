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
      // As the system that it replaces. README.md says how to ask for access tokens.
      auth: "none",
      route: { priority: 100, paths: ["/*"], healthCheckPath: "/health" },
      containerHealthCheck: ["CMD", "node", "healthcheck.js"],
      user: "65532:65532",
      // Counts and times of requests and DynamoDB calls, as log lines that CloudWatch makes metrics of.
      environment: { METRICS: "emf" },
    },
  ],
  // Without these there is no dynamodb state and no permission, and the API keeps its items in
  // memory.
  tables: [
    {
      name: "items",
      partitionKey: "id",
      indexes: [
        {
          name: "by-quantity",
          // Of four values: all writes through one partition of the index would limit them.
          partitionKey: { name: "shard", type: "N" },
          sortKey: { name: "quantity", type: "N" },
        },
      ],
      access: [
        {
          service: "inventory",
          actions: ["BatchGetItem", "DeleteItem", "PutItem", "Scan", "UpdateItem"],
          indexes: [{ name: "by-quantity", actions: ["Query"] }],
          variable: "ITEMS_TABLE",
        },
      ],
    },
    {
      // What may exist once: a sku, the answer to a request.
      name: "claims",
      partitionKey: "claim",
      timeToLive: { attribute: "expiresAt", status: "enabled" },
      access: [
        {
          service: "inventory",
          actions: ["DeleteItem", "GetItem", "PutItem"],
          variable: "CLAIMS_TABLE",
        },
      ],
    },
  ],
});
