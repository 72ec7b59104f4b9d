import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { Construct } from "constructs";
import { onDemandThroughput } from "../../model/table-throughput";

/** A plan or an apply of one state makes about ten calls. */
const THROUGHPUT = { maxReadUnits: 100, maxWriteUnits: 100 };

export interface LockTableProps {
  readonly name: string;
}

/** The table in which Terraform's S3 backend keeps one row per locked state. */
export class LockTable extends Construct {
  constructor(scope: Construct, id: string, props: LockTableProps) {
    super(scope, id);
    new DynamodbTable(this, "this", {
      name: props.name,
      billingMode: "PAY_PER_REQUEST",
      hashKey: "LockID",
      attribute: [{ name: "LockID", type: "S" }],
      onDemandThroughput: onDemandThroughput(THROUGHPUT),
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true },
      deletionProtectionEnabled: true,
      lifecycle: { preventDestroy: true },
    });
  }
}
