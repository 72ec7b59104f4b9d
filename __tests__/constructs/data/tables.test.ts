import { LockTable } from "../../../constructs/state/lock-table";
import { Table, type TableProps } from "../../../constructs/data/table";
import type { TableIndex } from "../../../model/table-index";
import { synthesized } from "../../support/synthesized";

test("the lock table is on demand, restorable and protected twice", () => {
  const stack = synthesized((scope) => {
    new LockTable(scope, "locks", { name: "locks" });
  });
  expect(stack.one("aws_dynamodb_table")).toMatchObject({
    name: "locks",
    billing_mode: "PAY_PER_REQUEST",
    hash_key: "LockID",
    point_in_time_recovery: { enabled: true },
    on_demand_throughput: { max_read_request_units: 100, max_write_request_units: 100 },
    deletion_protection_enabled: true,
    lifecycle: { prevent_destroy: true },
  });
});

const throughput = { maxReadUnits: 400, maxWriteUnits: 100 };
const on_demand_throughput = { max_read_request_units: 400, max_write_request_units: 100 };

test.each([true, false])("a table has deletion protection when asked: %s", (deletionProtection) => {
  const stack = synthesized((scope) => {
    new Table(scope, "items", {
      name: "items",
      partitionKey: "id",
      throughput,
      deletionProtection,
    });
  });
  expect(stack.one("aws_dynamodb_table")).toMatchObject({
    name: "items",
    billing_mode: "PAY_PER_REQUEST",
    hash_key: "id",
    attribute: [{ name: "id", type: "S" }],
    point_in_time_recovery: { enabled: true },
    server_side_encryption: { enabled: true },
    on_demand_throughput,
    deletion_protection_enabled: deletionProtection,
  });
});

const table = (props: Pick<TableProps, "indexes" | "timeToLive">) =>
  synthesized((scope) => {
    new Table(scope, "items", {
      name: "items",
      partitionKey: "id",
      throughput,
      deletionProtection: false,
      ...props,
    });
  }).one("aws_dynamodb_table");

test("an index holds whole rows, by its own keys", () => {
  const byQuantity: TableIndex = {
    name: "by-quantity",
    partitionKey: { name: "shard", type: "N" },
    sortKey: { name: "quantity", type: "N" },
  };
  expect(table({ indexes: [byQuantity] })).toMatchObject({
    attribute: [
      { name: "id", type: "S" },
      { name: "shard", type: "N" },
      { name: "quantity", type: "N" },
    ],
    global_secondary_index: [
      {
        name: "by-quantity",
        hash_key: "shard",
        range_key: "quantity",
        projection_type: "ALL",
        on_demand_throughput,
      },
    ],
  });
});

test("an attribute that is a key more than once is defined once", () => {
  const index = (name: string, sortKey: string): TableIndex => ({
    name,
    partitionKey: { name: "shard", type: "N" },
    sortKey: { name: sortKey, type: "S" },
  });
  expect(table({ indexes: [index("by-id", "id"), index("by-name", "name")] })).toMatchObject({
    attribute: [
      { name: "id", type: "S" },
      { name: "shard", type: "N" },
      { name: "name", type: "S" },
    ],
  });
});

test.each([
  ["enabled", true],
  ["disabled", false],
] as const)("rows expire by an attribute while that is enabled: %s", (status, enabled) => {
  expect(table({ timeToLive: { attribute: "expiresAt", status } })).toMatchObject({
    ttl: { attribute_name: "expiresAt", enabled },
  });
});

test("a table without a time to live must not have one from before", () => {
  expect(table({})).not.toHaveProperty("ttl");
  expect(table({})).toMatchObject({
    lifecycle: {
      postcondition: [
        {
          condition: "${alltrue([for ttl in self.ttl : !ttl.enabled])}",
          error_message: expect.stringContaining("table items still deletes rows") as string,
        },
      ],
    },
  });
});
