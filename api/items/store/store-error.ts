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
 * Converts an error of the SDK: an outage or throttling becomes a `StoreUnavailableError`. An error
 * that DynamoDB would give again is a fault in this code and is returned unchanged.
 */
export function storeError(error: unknown): unknown {
  const refused =
    error instanceof DynamoDBServiceException &&
    error.$fault === "client" &&
    !PASSING.has(error.name);
  return refused ? error : new StoreUnavailableError(error);
}

/** Waits for an answer of DynamoDB. Rejects with the error that `storeError` returns. */
export async function answered<Output>(call: Promise<Output>): Promise<Output> {
  try {
    return await call;
  } catch (error) {
    throw storeError(error);
  }
}
