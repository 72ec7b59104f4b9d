import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { Construct } from "constructs";
import type { KeyAttribute, TableIndex } from "../../model/table-index";
import type { TimeToLive } from "../../model/time-to-live";
import { onDemandThroughput, type TableThroughput } from "../../model/table-throughput";

export interface TableProps {
  readonly name: string;
  /** The name of the partition key, which is a string. */
  readonly partitionKey: string;
  /** @default - no indexes */
  readonly indexes?: readonly TableIndex[] | undefined;
  /** @default - rows do not expire */
  readonly timeToLive?: TimeToLive | undefined;
  /** The limits of the table and of each index. */
  readonly throughput: TableThroughput;
  readonly deletionProtection: boolean;
}

/**
 * An on-demand table that is encrypted with the account's DynamoDB key and has point-in-time
 * recovery.
 */
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
 * Fails the plan of a table whose TTL is enabled although the code has no `timeToLive`. Without a
 * `ttl` block, the provider does not change the TTL of the table.
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

/** The key attributes without duplicates. DynamoDB accepts definitions of key attributes only. */
function keyAttributes(partitionKey: string, indexes: readonly TableIndex[] = []): KeyAttribute[] {
  const keys: KeyAttribute[] = [
    { name: partitionKey, type: "S" },
    ...indexes.flatMap((index) => [index.partitionKey, index.sortKey]),
  ];
  return [...new Map(keys.map((key) => [key.name, key])).values()];
}
