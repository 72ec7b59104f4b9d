import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { Construct } from "constructs";
import type { KeyAttribute, TableIndex } from "../../model/table-index";
import type { TimeToLive } from "../../model/time-to-live";
import { onDemandThroughput, type TableThroughput } from "../../model/table-throughput";

export interface TableProps {
  readonly name: string;
  /** Name of the partition key, a string. */
  readonly partitionKey: string;
  /** @default - none */
  readonly indexes?: readonly TableIndex[] | undefined;
  /** @default - rows stay */
  readonly timeToLive?: TimeToLive | undefined;
  /** Of the table, and of each index. */
  readonly throughput: TableThroughput;
  readonly deletionProtection: boolean;
}

/** An on-demand table, encrypted with the account's DynamoDB key, restorable to any second. */
export class Table extends Construct {
  constructor(scope: Construct, id: string, props: TableProps) {
    super(scope, id);
    const { partitionKey, indexes, timeToLive } = props;
    new DynamodbTable(this, "this", {
      name: props.name,
      billingMode: "PAY_PER_REQUEST",
      hashKey: partitionKey,
      attribute: keyAttributes(partitionKey, indexes),
      globalSecondaryIndex: indexes?.map((index) => ({
        name: index.name,
        hashKey: index.partitionKey.name,
        rangeKey: index.sortKey.name,
        projectionType: "ALL",
        onDemandThroughput: onDemandThroughput(props.throughput),
      })),
      onDemandThroughput: onDemandThroughput(props.throughput),
      ...(timeToLive ? ttl(timeToLive) : refuseForgottenTtl(props.name)),
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true },
      deletionProtectionEnabled: props.deletionProtection,
    });
  }
}

const ttl = ({ attribute, status }: TimeToLive) => ({
  ttl: { attributeName: attribute, enabled: status === "enabled" },
});

/**
 * Fails the plan of a table whose TTL is on although the code has no `timeToLive`: the provider leaves TTL as
 * it is when the configuration has no `ttl` block.
 */
const refuseForgottenTtl = (table: string) => ({
  lifecycle: {
    postcondition: [
      {
        condition: "${alltrue([for ttl in self.ttl : !ttl.enabled])}",
        errorMessage: `The table ${table} still deletes rows by the attribute \${join(", ", self.ttl[*].attribute_name)}. Set its timeToLive to { attribute: "\${join(", ", self.ttl[*].attribute_name)}", status: "disabled" } and deploy; then remove timeToLive.`,
      },
    ],
  },
});

/** The attributes that are keys, each once: DynamoDB knows of no others. */
function keyAttributes(partitionKey: string, indexes: readonly TableIndex[] = []): KeyAttribute[] {
  const keys: KeyAttribute[] = [
    { name: partitionKey, type: "S" },
    ...indexes.flatMap((index) => [index.partitionKey, index.sortKey]),
  ];
  return [...new Map(keys.map((key) => [key.name, key])).values()];
}
