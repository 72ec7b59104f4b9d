import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { Construct } from "constructs";

export interface TableProps {
  readonly name: string;
  /** Name of the partition key, a string. */
  readonly partitionKey: string;
  readonly deletionProtection: boolean;
}

/** An on-demand table, encrypted with the account's DynamoDB key, restorable to any second. */
export class Table extends Construct {
  constructor(scope: Construct, id: string, props: TableProps) {
    super(scope, id);
    new DynamodbTable(this, "this", {
      name: props.name,
      billingMode: "PAY_PER_REQUEST",
      hashKey: props.partitionKey,
      attribute: [{ name: props.partitionKey, type: "S" }],
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true },
      deletionProtectionEnabled: props.deletionProtection,
    });
  }
}
