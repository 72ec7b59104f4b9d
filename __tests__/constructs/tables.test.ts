import { LockTable } from "../../constructs/lock-table";
import { Table } from "../../constructs/table";
import { synthesized } from "../support/synthesized";

test("the lock table is on demand, restorable and protected twice", () => {
  const stack = synthesized((scope) => {
    new LockTable(scope, "locks", { name: "locks" });
  });
  expect(stack.one("aws_dynamodb_table")).toMatchObject({
    name: "locks",
    billing_mode: "PAY_PER_REQUEST",
    hash_key: "LockID",
    point_in_time_recovery: { enabled: true },
    deletion_protection_enabled: true,
    lifecycle: { prevent_destroy: true },
  });
});

test.each([true, false])("a table has deletion protection when asked: %s", (deletionProtection) => {
  const stack = synthesized((scope) => {
    new Table(scope, "items", { name: "items", partitionKey: "id", deletionProtection });
  });
  expect(stack.one("aws_dynamodb_table")).toMatchObject({
    name: "items",
    billing_mode: "PAY_PER_REQUEST",
    hash_key: "id",
    attribute: [{ name: "id", type: "S" }],
    point_in_time_recovery: { enabled: true },
    server_side_encryption: { enabled: true },
    deletion_protection_enabled: deletionProtection,
  });
});
