import { Construct } from "constructs";
import { Table } from "../constructs/data/table";
import type { PlatformState } from "./state-definition";
import { StateProps, StateStack } from "./state-stack";

/** The platform's tables. */
class DynamodbStack extends StateStack {
  constructor(scope: Construct, props: StateProps) {
    super(scope, "dynamodb", props);
    for (const table of props.platform.tables) {
      new Table(this.parts, table.name, {
        name: this.names.table(table),
        partitionKey: table.partitionKey,
        indexes: table.indexes,
        timeToLive: table.timeToLive,
        throughput: props.environment.tableThroughput,
        deletionProtection: props.environment.deletionProtection,
      });
    }
  }
}

export const dynamodb: PlatformState = {
  per: "platform",
  exists: ({ tables }) => tables.length > 0,
  create: (scope, props) => new DynamodbStack(scope, props),
};
