import type { Connection } from "../../model/connection";
import type { TableGrant } from "../../model/grant";
import type { TableIndex } from "../../model/table-index";
import { platform as inventory } from "../../platforms/inventory/platform";
import { definePlatform, type Platform } from "../../model/platform";
import type { Secret } from "../../model/secret";
import type { Service } from "../../model/service";
import type { Table } from "../../model/table";
import type { SecretValue } from "../../model/value";
import { manyServices, withConnections, withoutTables, withSecrets } from "../support/platforms";

test.each([
  ["inventory", inventory],
  ["one without tables", withoutTables],
  ["one of many services", manyServices],
  ["one with secrets", withSecrets],
  ["one whose services call each other", withConnections],
])("%s is valid", (_, platform) => {
  expect(definePlatform(platform)).toBe(platform);
});

const [api] = inventory.services as [Service];
const route = { priority: 1, paths: ["/*"], healthCheckPath: "/health" };
const [items, claims] = inventory.tables as [Table, Table];
const [byQuantity] = items.indexes as [TableIndex];
const grant: TableGrant = {
  kind: "table",
  table: "items",
  actions: ["GetItem"],
  variable: "ITEMS_TABLE",
};

/** The inventory API with one grant that differs from `grant`. */
const granted = (change: Partial<TableGrant>): Partial<Platform> => ({
  services: [{ ...api, grants: [{ ...grant, ...change }] }],
});

/** The inventory API with the variable `DB`, which has a secret's value. */
const secretUsed = (DB: SecretValue, secrets: readonly Secret[] = []): Partial<Platform> => ({
  services: [{ ...api, environment: { DB } }],
  secrets,
});

/** The inventory API and a worker with connections of their own. */
const connected = (
  ofApi: readonly Connection[],
  ofWorker: readonly Connection[] = [],
): Partial<Platform> => ({
  services: [
    { ...api, connections: ofApi },
    { ...api, name: "worker", route: undefined, connections: ofWorker },
  ],
});
const toWorker = { service: "worker", variable: "WORKER_URL" };

const wrong: readonly (readonly [string, Partial<Platform>, string])[] = [
  [
    "a service's name that AWS would refuse",
    { services: [{ ...api, name: "Inventory API" }], tables: [] },
    'services.name is "Inventory API", expected 2 to 20 lower-case letters',
  ],
  [
    "a platform's name with which AWS names no load balancer",
    { name: "internal-api" },
    'name is "internal-api", expected a name that does not begin with internal-',
  ],
  [
    "two hyphens in a row, which no target group can have",
    { services: [{ ...api, name: "a--b" }], tables: [] },
    'services.name is "a--b", expected 2 to 20 lower-case letters, digits and single hyphens',
  ],
  [
    "a table of the lock table's name",
    { tables: [{ ...items, name: "terraform-locks" }] },
    'tables.name is "terraform-locks", expected another name',
  ],
  [
    "a time to live without an attribute",
    { tables: [{ ...items, timeToLive: { attribute: "", status: "enabled" } }] },
    'tables.items.timeToLive.attribute is "", expected a name of 1 to 255 characters',
  ],
  [
    "a health check without a path",
    { services: [{ ...api, route: { ...route, healthCheckPath: "health" } }] },
    'services.inventory.route.healthCheckPath is "health", expected a path such as /health',
  ],
  ...[0, 60_000, 1.5].map(
    (priority) =>
      [
        `a route of priority ${priority}`,
        { services: [{ ...api, route: { ...route, priority } }] },
        `services.inventory.route.priority is ${priority}, expected a whole number from 1 to 50000`,
      ] as const,
  ),
  ...["", "/a b", "/%{x}", "/${x}", `/${"x".repeat(128)}`].map(
    (path) =>
      [
        `a route of path "${path}"`,
        { services: [{ ...api, route: { ...route, paths: [path] } }] },
        `services.inventory.route.paths is ${JSON.stringify(path)}, expected a pattern such as`,
      ] as const,
  ),
  ...[80, 0, 65_536, 8080.5].map(
    (containerPort) =>
      [
        `a container on port ${containerPort}`,
        { services: [{ ...api, containerPort }] },
        `services.inventory.containerPort is ${containerPort}, expected a whole number from 1024`,
      ] as const,
  ),
  ...[[], ["CMD"], ["node", "healthcheck.js"]].map(
    (containerHealthCheck) =>
      [
        `the container health check ${JSON.stringify(containerHealthCheck)}`,
        { services: [{ ...api, containerHealthCheck }] },
        `services.inventory.containerHealthCheck is ${JSON.stringify(containerHealthCheck)}, expected a command`,
      ] as const,
  ),
  [
    "a user that is a name",
    { services: [{ ...api, user: "node" }] },
    'services.inventory.user is "node", expected <user>:<group>, both numbers',
  ],
  [
    "a grant without an action",
    granted({ actions: [] }),
    "services.inventory.grants.items.actions is [], expected one DynamoDB action or more",
  ],
  [
    "a grant of an index without an action",
    granted({ indexes: [{ name: "by-quantity", actions: [] }] }),
    "services.inventory.grants.items.indexes.actions is [], expected one DynamoDB action or more",
  ],
  [
    "an action with its prefix",
    granted({ actions: ["dynamodb:GetItem"] }),
    'services.inventory.grants.items.actions is ["dynamodb:GetItem"], expected one DynamoDB action or more',
  ],
  [
    "a grant whose variable no shell can name",
    granted({ variable: "ITEMS-TABLE" }),
    'services.inventory.grants.items.variable is "ITEMS-TABLE", expected letters, digits and underscores',
  ],
  [
    "an environment variable that no shell can name",
    { services: [{ ...api, environment: { "LOG-LEVEL": "info" } }] },
    'services.inventory.environment is "LOG-LEVEL", expected letters, digits and underscores',
  ],
  ...["a\0b", "\ud800", "e\u0301"].map(
    (text) =>
      [
        `the value ${JSON.stringify(text)}, which Terraform would change`,
        { services: [{ ...api, environment: { TEXT: text } }] },
        `services.inventory.environment.TEXT is ${JSON.stringify(text)}, expected a text`,
      ] as const,
  ),
  [
    "an output with a text that Terraform would change",
    {
      services: [
        {
          ...api,
          environment: { URL: { kind: "output", state: "alb", output: "dns_name", after: "\0" } },
        },
      ],
    },
    'services.inventory.environment.URL.after is "\\u0000", expected a text without a zero byte',
  ],
  [
    "a secret of a platform without secrets",
    secretUsed({ kind: "secret", secret: "db" }),
    'services.inventory.environment.DB.secret is "db", expected none, as the platform has no secret',
  ],
  [
    "a secret that the platform does not have",
    secretUsed({ kind: "secret", secret: "db" }, [{ name: "api-key" }]),
    'services.inventory.environment.DB.secret is "db", expected one of api-key',
  ],
  [
    "a key that a secret does not have",
    secretUsed({ kind: "secret", secret: "db", key: "user" }, [{ name: "db", keys: ["password"] }]),
    'services.inventory.environment.DB.key is "user", expected one of password',
  ],
  [
    "a key of a secret without keys",
    secretUsed({ kind: "secret", secret: "db", key: "user" }, [{ name: "db" }]),
    'services.inventory.environment.DB.key is "user", expected none, as the secret has no keys',
  ],
  [
    "a key with a colon, which separates the parts of a reference",
    { secrets: [{ name: "db", keys: ["a:b"] }] },
    'secrets.db.keys is "a:b", expected 1 to 128 letters, digits and the characters _ . -',
  ],
  ...[[], ["a", "a"]].map(
    (keys) =>
      [
        `a secret with the keys ${JSON.stringify(keys)}`,
        { secrets: [{ name: "db", keys }] },
        `secrets.db.keys is ${JSON.stringify(keys)}, expected one key or more, each of them once`,
      ] as const,
  ),
  [
    "two secrets of one name",
    { secrets: [{ name: "db" }, { name: "db" }] },
    'secrets.name is "db", expected a name that no other has',
  ],
  [
    "a command that Terraform would change",
    { services: [{ ...api, containerHealthCheck: ["CMD", "e\u0301"] }] },
    'services.inventory.containerHealthCheck is "e\u0301", expected a text in Unicode',
  ],
  [
    "two services of one name",
    { services: [api, { ...api, route: undefined }] },
    'services.name is "inventory", expected a name that no other has',
  ],
  [
    "two routes of one priority",
    { services: [api, { ...api, name: "admin" }] },
    "services.admin.route.priority is 100, expected a number that no other route has",
  ],
  [
    "a route to nowhere",
    { services: [{ ...api, route: { priority: 1, paths: [], healthCheckPath: "/" } }] },
    "services.inventory.route.paths is [], expected one to five path patterns",
  ],
  [
    "a size that Fargate does not offer",
    { services: [{ ...api, size: { cpu: 1024, memoryMiB: 512 } }] },
    "services.inventory.size.memoryMiB is 512, expected with cpu 1024 one of 2048",
  ],
  [
    "a grant of a table that the platform does not have",
    granted({ table: "orders" }),
    'services.inventory.grants.table is "orders", expected one of items, claims',
  ],
  [
    "a grant of a table on a platform without tables",
    { tables: [] },
    'services.inventory.grants.table is "items", expected none, as the platform has no table',
  ],
  [
    "two indexes of one name",
    { tables: [{ ...items, indexes: [byQuantity, byQuantity] }] },
    'tables.items.indexes.name is "by-quantity", expected a name that no other has',
  ],
  [
    "a key of two types",
    { tables: [{ ...items, indexes: [{ ...byQuantity, sortKey: { name: "id", type: "N" } }] }] },
    'tables.items.indexes.by-quantity.sortKey.type is "N", expected "S", which id is already',
  ],
  [
    "a grant of an index that the table does not have",
    granted({ indexes: [{ name: "by-price", actions: ["Query"] }] }),
    'services.inventory.grants.items.indexes.name is "by-price", expected one of by-quantity',
  ],
  [
    "a grant of an index of a table that has none",
    { tables: [{ ...items, indexes: [] }, claims] },
    'services.inventory.grants.items.indexes.name is "by-quantity", expected none, as the table has no index',
  ],
  [
    "two tables that one service knows by one variable",
    { services: [{ ...api, grants: [grant, { ...grant, table: "claims" }] }] },
    'services.inventory.grants.claims.variable is "ITEMS_TABLE", expected a variable that inventory does not have yet',
  ],
  [
    "a table that takes a variable of the service's own",
    { services: [{ ...api, environment: { ITEMS_TABLE: "elsewhere" } }] },
    'services.inventory.grants.items.variable is "ITEMS_TABLE", expected a variable that inventory does not have yet',
  ],
  [
    "a service that switches its authentication off behind its `auth`",
    { services: [{ ...api, environment: { AUTH: "none" } }] },
    'services.inventory.environment is "AUTH", expected a variable that inventory does not have yet',
  ],
  [
    "a build context outside of the repository",
    { services: [{ ...api, image: { context: "../app", dockerfile: "Dockerfile" } }] },
    'services.inventory.image.context is "../app", expected "." or a folder relative to the root of the repository, such as examples/flask/app',
  ],
  [
    "a Dockerfile with a path of one machine",
    { services: [{ ...api, image: { context: ".", dockerfile: "/srv/Dockerfile" } }] },
    'services.inventory.image.dockerfile is "/srv/Dockerfile", expected a file relative to the root of the repository, such as Dockerfile',
  ],
  [
    "a call to a service that does not exist",
    connected([{ ...toWorker, service: "walker" }]),
    'services.inventory.connections.service is "walker", expected one of worker',
  ],
  [
    "a call of a service to itself",
    { services: [{ ...api, connections: [{ service: "inventory", variable: "SELF" }] }] },
    'services.inventory.connections.service is "inventory", expected none, as the platform has no other service',
  ],
  [
    "two connections to one service",
    connected([toWorker, { ...toWorker, variable: "WORKER" }]),
    'services.inventory.connections.service is "worker", expected each service once',
  ],
  [
    "services that call each other in a circle",
    connected([toWorker], [{ service: "inventory", variable: "API_URL" }]),
    'services.inventory.connections is ["inventory","worker","inventory"], expected no circle, because a service is deployed before the services that call it',
  ],
  [
    "a connection whose variable no shell can name",
    connected([{ ...toWorker, variable: "WORKER-URL" }]),
    'services.inventory.connections.worker.variable is "WORKER-URL", expected letters, digits and underscores',
  ],
  [
    "a connection that takes a variable of a grant",
    connected([{ ...toWorker, variable: "ITEMS_TABLE" }]),
    'services.inventory.connections.worker.variable is "ITEMS_TABLE", expected a variable that inventory does not have yet',
  ],
  [
    "a service that sets its port twice",
    { services: [{ ...api, environment: { PORT: "80" } }] },
    'services.inventory.environment is "PORT", expected a variable that inventory does not have yet',
  ],
];

test.each(wrong)("%s stops synth with field, value and what is allowed", (_, change, message) => {
  expect(() => definePlatform({ ...inventory, ...change })).toThrow(
    `platforms/inventory/platform.ts: ${message}`,
  );
});

test("two services may know two tables by the same variable", () => {
  const twoServices = {
    ...inventory,
    services: [
      { ...api, grants: [grant] },
      { ...api, name: "admin", route: undefined, grants: [{ ...grant, table: "claims" }] },
    ],
  };
  expect(definePlatform(twoServices)).toBe(twoServices);
});
