import { inventory } from "../../platforms/inventory";
import { definePlatform, type Platform, type Service, type Table } from "../../platforms/platform";
import { manyServices, withoutTables } from "../support/platforms";

test.each([
  ["inventory", inventory],
  ["one without tables", withoutTables],
  ["one of many services", manyServices],
])("%s is valid", (_, platform) => {
  expect(definePlatform(platform)).toBe(platform);
});

const [api] = inventory.services as [Service];
const [items] = inventory.tables as [Table];

const wrong: readonly (readonly [string, Partial<Platform>, string])[] = [
  [
    "a service's name that AWS would refuse",
    { services: [{ ...api, name: "Inventory API" }], tables: [] },
    'services.name is "Inventory API", expected 2 to 20 lower-case letters',
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
    "a table for a service that is not there",
    { tables: [{ ...items, access: [{ service: "api", actions: ["GetItem"], variable: "T" }] }] },
    'tables.items.access.service is "api", expected one of inventory',
  ],
];

test.each(wrong)("%s stops synth with field, value and what is allowed", (_, change, message) => {
  expect(() => definePlatform({ ...inventory, ...change })).toThrow(
    `platforms/inventory.ts: ${message}`,
  );
});
