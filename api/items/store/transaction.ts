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

/** A conflicting transaction on the same row ends within milliseconds. */
const CONFLICT_ATTEMPTS = 6;

/** Two transactions kept writing the same row at the same time. */
export class TransactionConflictError<Name> extends StoreUnavailableError {
  constructor(
    readonly parts: readonly Name[],
    cause: unknown,
  ) {
    super(cause);
  }
}

/**
 * The parts whose condition was not met, each with the stored row. The row is empty when none
 * exists.
 */
export type Refused<Name extends string> = { readonly [name in Name]?: Row };

/**
 * Writes all parts, or none. The SDK sends a token with them, so that an attempt that is repeated
 * because its answer was lost does not write again.
 *
 * @returns undefined when the parts were written
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
      // The only other reason that cancels these transactions is throttling.
      if (conflicting.length === 0) throw new StoreUnavailableError(error);
      if (attempt === CONFLICT_ATTEMPTS) throw new TransactionConflictError(conflicting, error);
      await sleep(Math.random() * 20 * 2 ** attempt);
    }
  }
}

const having = <Name>(reasons: Map<Name, CancellationReason | undefined>, code: string) =>
  [...reasons].filter((entry): entry is [Name, CancellationReason] => entry[1]?.Code === code);
