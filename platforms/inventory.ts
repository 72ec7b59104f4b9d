import { definePlatform } from "./platform";

export const inventory = definePlatform({
  name: "inventory",
  services: [
    {
      name: "inventory",
      containerPort: 8080,
      cpuArchitecture: "ARM64",
      route: { priority: 100, paths: ["/*"], healthCheckPath: "/health" },
      containerHealthCheck: ["CMD", "node", "healthcheck.js"],
      user: "65532:65532",
    },
  ],
  // Without this entry there is no dynamodb state and no permission, and the API keeps its items
  // in memory.
  tables: [
    {
      name: "items",
      partitionKey: "id",
      access: [
        {
          service: "inventory",
          actions: ["GetItem", "PutItem", "Scan"],
          variable: "ITEMS_TABLE",
        },
      ],
    },
  ],
});
