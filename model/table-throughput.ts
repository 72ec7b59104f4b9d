import { outside, type Problem } from "./problem";

/**
 * The most requests that an on-demand table serves in a second, and that each of its indexes does.
 * It bounds what a flood of requests costs. A call beyond it is throttled. DynamoDB calls the limit a
 * target: it may serve short bursts above it.
 *
 * The highest price of a day is `86400 * (units per second) * (price of a unit)` for the table and as
 * much again for each index. In us-east-1, a million write units cost 0.625 USD and a million read
 * units 0.125 USD (https://aws.amazon.com/dynamodb/pricing/on-demand/, November 2024).
 */
export interface TableThroughput {
  /** Reads of up to 4 KB per second. A read that may be stale takes half a unit. */
  readonly maxReadUnits: number;
  /** Writes of up to 1 KB per second. A write in a transaction takes two units. */
  readonly maxWriteUnits: number;
}

/** The block of that name of `aws_dynamodb_table`. */
export const onDemandThroughput = ({ maxReadUnits, maxWriteUnits }: TableThroughput) => ({
  maxReadRequestUnits: maxReadUnits,
  maxWriteRequestUnits: maxWriteUnits,
});

// AWS grants 40,000 of each to a table without a request to raise the quota.
export function* throughputProblems({
  maxReadUnits,
  maxWriteUnits,
}: TableThroughput): Iterable<Problem> {
  yield* outside("tableThroughput.maxReadUnits", maxReadUnits, 1, 40_000);
  yield* outside("tableThroughput.maxWriteUnits", maxWriteUnits, 1, 40_000);
}
