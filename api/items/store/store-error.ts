import { DynamoDBServiceException } from "@aws-sdk/client-dynamodb";
import { StoreUnavailableError } from "../item-repository";

const PASSING = new Set([
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "ThrottlingException",
  "TransactionConflictException",
  "TransactionInProgressException",
]);

/**
 * What an error of the SDK means to whoever asked: an outage or throttling is a
 * `StoreUnavailableError`. What DynamoDB would refuse again is a fault of ours, and stays what it is.
 */
export function storeError(error: unknown): unknown {
  const refused =
    error instanceof DynamoDBServiceException &&
    error.$fault === "client" &&
    !PASSING.has(error.name);
  return refused ? error : new StoreUnavailableError(error);
}

/** Waits for an answer of DynamoDB. Rejects with what `storeError` makes of its error. */
export async function answered<Output>(call: Promise<Output>): Promise<Output> {
  try {
    return await call;
  } catch (error) {
    throw storeError(error);
  }
}
