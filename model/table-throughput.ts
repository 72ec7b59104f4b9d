import { outside, type Problem } from "./problem";

/**
 * The maximum throughput of an on-demand table, and of each of its indexes. The maximum bounds what a flood of
 * requests costs. DynamoDB throttles the calls above it. The limit is not exact: DynamoDB may serve short bursts
 * above it.
 *
 * A day costs at most `86400 * (units per second) * (price of a unit)` for the table and the same amount for
 * each index. In us-east-1, a million write units cost 0.625 USD and a million read units 0.125 USD
 * (https://aws.amazon.com/dynamodb/pricing/on-demand/, November 2024).
 */
export interface TableThroughput {
  /** Reads of up to 4 KB per second. An eventually consistent read takes half a unit. */
  readonly maxReadUnits: number;
  /** Writes of up to 1 KB per second. A transactional write takes two units. */
  readonly maxWriteUnits: number;
}

/** The `on_demand_throughput` block of `aws_dynamodb_table`. */
export const onDemandThroughput = ({ maxReadUnits, maxWriteUnits }: TableThroughput) => ({
  maxReadRequestUnits: maxReadUnits,
  maxWriteRequestUnits: maxWriteUnits,
});

// A table has a default quota of 40,000 read units and 40,000 write units. AWS raises it on request.
export function* throughputProblems({
  maxReadUnits,
  maxWriteUnits,
}: TableThroughput): Iterable<Problem> {
  yield* outside("tableThroughput.maxReadUnits", maxReadUnits, 1, 40_000);
  yield* outside("tableThroughput.maxWriteUnits", maxWriteUnits, 1, 40_000);
}
