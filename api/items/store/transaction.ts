import {
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type CancellationReason,
  type DynamoDBClient,
  type TransactWriteItem,
} from "@aws-sdk/client-dynamodb";
import { setTimeout as sleep } from "node:timers/promises";
import { StoreUnavailableError } from "../item-repository";
import type { Row } from "./item-row";
import { storeError } from "./store-error";

/** Another transaction on one of the rows passes in milliseconds. */
const CONFLICT_ATTEMPTS = 6;

/** Two transactions wanted one row, again and again. */
export class TransactionConflictError<Name> extends StoreUnavailableError {
  constructor(
    readonly parts: readonly Name[],
    cause: unknown,
  ) {
    super(cause);
  }
}

/** The parts whose condition did not hold, each with the row that is there: empty when none is. */
export type Refused<Name extends string> = { readonly [name in Name]?: Row };

/**
 * Writes all parts, or none.
 *
 * @returns undefined when they are written. The SDK sends a token with them, so that a repeated
 * attempt, after an answer that was lost, does not write again.
 * @throws StoreUnavailableError
 */
export async function transact<Name extends string>(
  client: DynamoDBClient,
  parts: { readonly [name in Name]?: TransactWriteItem | undefined },
): Promise<Refused<Name> | undefined> {
  const names = (Object.keys(parts) as Name[]).filter((name) => parts[name] !== undefined);
  const command = new TransactWriteItemsCommand({
    TransactItems: names.map((name) => parts[name] as TransactWriteItem),
  });
  for (let attempt = 1; ; attempt++) {
    try {
      await client.send(command);
      return undefined;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw storeError(error);
      const reasons = new Map(names.map((name, i) => [name, error.CancellationReasons?.[i]]));
      const refused = having(reasons, "ConditionalCheckFailed");
      if (refused.length > 0) {
        return Object.fromEntries(
          refused.map(([name, { Item = {} }]) => [name, Item]),
        ) as Refused<Name>;
      }
      const conflicting = having(reasons, "TransactionConflict").map(([name]) => name);
      // What else cancels a transaction is throttling.
      if (conflicting.length === 0) throw new StoreUnavailableError(error);
      if (attempt === CONFLICT_ATTEMPTS) throw new TransactionConflictError(conflicting, error);
      await sleep(Math.random() * 20 * 2 ** attempt);
    }
  }
}

const having = <Name>(reasons: Map<Name, CancellationReason | undefined>, code: string) =>
  [...reasons].filter((entry): entry is [Name, CancellationReason] => entry[1]?.Code === code);
