import { platform as inventory } from "../../platforms/inventory/platform";
import type { Platform } from "../../model/platform";
import type { Service } from "../../model/service";

const [api] = inventory.services as [Service];

/** The inventory platform with its items in memory. */
export const withoutTables: Platform = {
  ...inventory,
  services: [{ ...api, grants: [] }],
  tables: [],
};

const worker: Service = {
  name: "worker",
  image: { context: "worker", dockerfile: "worker/Dockerfile" },
  containerPort: 9090,
  auth: "none",
  cpuArchitecture: "X86_64",
  containerHealthCheck: ["CMD", "worker", "--alive"],
  user: "1000:1000",
  size: { cpu: 1024, memoryMiB: 2048 },
};

const admin: Service = {
  ...api,
  name: "admin",
  grants: [],
  containerPort: 3000,
  route: { priority: 10, paths: ["/admin*"], healthCheckPath: "/admin/health" },
};

/** Two routed services and an internal one. Only one of them may use the tables. */
export const manyServices: Platform = { ...inventory, services: [api, worker, admin] };

/** The inventory platform, whose API calls a worker, which a service without a route calls too. */
export const withConnections: Platform = {
  ...inventory,
  services: [
    { ...api, connections: [{ service: "worker", variable: "WORKER_URL" }] },
    { ...admin, route: undefined, connections: [{ service: "worker", variable: "WORKER" }] },
    worker,
  ],
};

/** The inventory platform, whose API gets values that are not texts: secrets and an output of a state. */
export const withSecrets: Platform = {
  ...inventory,
  services: [
    {
      ...api,
      environment: {
        METRICS: "emf",
        API_KEY: { kind: "secret", secret: "api-key" },
        DB_USER: { kind: "secret", secret: "database", key: "user" },
        DB_PASSWORD: { kind: "secret", secret: "database", key: "password" },
        API_ENDPOINT: {
          kind: "output",
          state: "alb",
          output: "dns_name",
          before: "http://",
          after: "/api",
        },
      },
    },
    worker,
  ],
  secrets: [{ name: "api-key" }, { name: "database", keys: ["user", "password"] }],
};
