import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type { Item } from "../item";
import {
  KeyReusedError,
  REMEMBERED_FOR_SECONDS,
  RequestInFlightError,
  type RepeatableRequest,
} from "../item-repository";
import { itemOf, rowOf, type Row } from "./item-row";
import { TransactionConflictError } from "./transaction";

const skuClaim = (sku: string) => ({ claim: { S: `sku#${sku}` } });
const requestClaim = ({ key }: RepeatableRequest) => ({ claim: { S: `request#${key}` } });
const nowSeconds = () => Math.floor(Date.now() / 1000);

/**
 * The parts of a transaction that write the table `claims`. Its rows reserve values that must be
 * unique: the sku of an item, and the key of a request with the answer to it. DynamoDB deletes the
 * row of a request some time after `expiresAt`.
 */
export const claimTable = (TableName: string) => ({
  takeSku: ({ sku, id }: Item): TransactWriteItem => ({
    Put: {
      TableName,
      Item: { ...skuClaim(sku), item: { S: id } },
      ConditionExpression: "attribute_not_exists(claim)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  }),
  releaseSku: ({ sku }: Item): TransactWriteItem => ({
    Delete: { TableName, Key: skuClaim(sku) },
  }),
  remember: (request: RepeatableRequest, answer: Item): TransactWriteItem => ({
    Put: {
      TableName,
      Item: {
        ...requestClaim(request),
        fingerprint: { S: request.fingerprint },
        answer: { M: rowOf(answer) },
        expiresAt: { N: String(nowSeconds() + REMEMBERED_FOR_SECONDS) },
      },
      ConditionExpression: "attribute_not_exists(claim) OR expiresAt <= :now",
      ExpressionAttributeValues: { ":now": { N: String(nowSeconds()) } },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  }),
  keyOfSku: (sku: string) => ({ TableName, Key: skuClaim(sku) }),
  keyOfRequest: (request: RepeatableRequest) => ({ TableName, Key: requestClaim(request) }),
});

/** The item with which the first request was answered. @throws KeyReusedError */
export function rememberedAnswer(claim: Row, { fingerprint }: RepeatableRequest): Item {
  if (claim.fingerprint?.S !== fingerprint) throw new KeyReusedError();
  return itemOf(claim.answer?.M ?? {});
}

/** Whether a stored answer has not expired yet. DynamoDB deletes expired rows late. */
export const isCurrent = (claim: Row) => Number(claim.expiresAt?.N) > nowSeconds();

/**
 * A conflict on the row of the request's key means that another transaction with the same key is
 * running.
 */
export function inFlight(error: unknown): never {
  const meets = error instanceof TransactionConflictError && error.parts.includes("request");
  throw meets ? new RequestInFlightError() : error;
}
