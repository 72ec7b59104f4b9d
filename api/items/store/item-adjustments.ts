import {
  ConditionalCheckFailedException,
  GetItemCommand,
  UpdateItemCommand,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { setTimeout as sleep } from "node:timers/promises";
import { adjustedItem } from "../adjustment";
import { MAX_QUANTITY, type Item } from "../item";
import {
  ItemChangedError,
  QuantityError,
  StoreUnavailableError,
  type Adjustment,
  type ItemRepository,
  type RepeatableRequest,
} from "../item-repository";
import { claimTable, inFlight, isCurrent, rememberedAnswer } from "./claim-table";
import type { ItemReader } from "./item-reader";
import { itemOf, type Row } from "./item-row";
import { itemTable } from "./item-table";
import { answered, storeError } from "./store-error";
import { transact } from "./transaction";

/**
 * How long an adjustment with an idempotency key is retried while other writes change the item
 * first.
 */
const CONTENTION_DEADLINE_MS = 5_000;

interface ItemAdjustmentsProps {
  readonly itemsTable: string;
  readonly claimsTable: string;
  readonly client: DynamoDBClient;
  /**
   * For writes that must not happen twice: it repeats a call only when it was certainly not
   * executed.
   */
  readonly cautiousClient: DynamoDBClient;
  readonly reader: ItemReader;
}

/** Changes the quantity of an item. A request with an idempotency key changes it only once. */
export function itemAdjustments(props: ItemAdjustmentsProps): ItemRepository["adjust"] {
  const { itemsTable, client, cautiousClient, reader } = props;
  const items = itemTable(itemsTable);
  const claims = claimTable(props.claimsTable);

  async function answerOf(request: RepeatableRequest): Promise<Item | undefined> {
    const { Item } = await answered(
      client.send(new GetItemCommand({ ...claims.keyOfRequest(request), ConsistentRead: true })),
    );
    return Item && isCurrent(Item) ? rememberedAnswer(Item, request) : undefined;
  }

  /**
   * Makes the adjustment in one conditional write, which is correct even when others write at the
   * same time.
   */
  async function adjustNow(id: string, { delta, versions }: Adjustment) {
    const allowed = versions ? versionValues(versions) : {};
    try {
      const { Attributes } = await cautiousClient.send(
        new UpdateItemCommand({
          TableName: itemsTable,
          Key: { id: { S: id } },
          UpdateExpression:
            "SET quantity = quantity + :delta, version = version + :one, updatedAt = :now",
          ConditionExpression:
            "quantity >= :least AND quantity <= :most" +
            (versions ? ` AND version IN (${Object.keys(allowed).join()})` : ""),
          ExpressionAttributeValues: {
            ":delta": { N: String(delta) },
            ":one": { N: "1" },
            ":now": { S: new Date().toISOString() },
            ":least": { N: String(Math.max(0, -delta)) },
            ":most": { N: String(Math.min(MAX_QUANTITY, MAX_QUANTITY - delta)) },
            ...allowed,
          },
          ReturnValues: "ALL_NEW",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );
      return itemOf(Attributes ?? {});
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw storeError(error);
      if (!error.Item) return undefined;
      const { version, quantity } = itemOf(error.Item);
      if (versions && !versions.includes(version)) throw new ItemChangedError();
      throw new QuantityError(quantity);
    }
  }

  /**
   * A rejected adjustment, or one of an item that no longer exists, may be a repetition. In that
   * case the stored answer is returned.
   */
  async function adjustOnce(id: string, adjustment: Adjustment, request: RepeatableRequest) {
    try {
      return (await adjustInTurn(id, adjustment, request)) ?? (await answerOf(request));
    } catch (error) {
      const refused = error instanceof ItemChangedError || error instanceof QuantityError;
      const before = refused ? await answerOf(request) : undefined;
      if (before) return before;
      throw error;
    }
  }

  /**
   * Stores the adjustment together with its answer. The answer must be known before the write, so
   * the write succeeds only if nobody else has changed the item since it was read.
   */
  async function adjustInTurn(id: string, adjustment: Adjustment, request: RepeatableRequest) {
    const deadline = Date.now() + CONTENTION_DEADLINE_MS;
    let item = await reader.read(id, true);
    while (item) {
      const adjusted = adjustedItem(item, adjustment);
      const refused = await transact(client, {
        request: claims.remember(request, adjusted),
        item: items.replace(item, adjusted),
      }).catch(inFlight);
      if (!refused) return adjusted;
      if (refused.request) return rememberedAnswer(refused.request, request);
      if (Date.now() > deadline) throw new StoreUnavailableError();
      item = current(refused.item);
      await sleep(Math.random() * 50);
    }
    return undefined;
  }

  return (id, adjustment, request) =>
    request ? adjustOnce(id, adjustment, request) : adjustNow(id, adjustment);
}

/** DynamoDB's expressions do not allow an empty list. No item has version 0. */
const versionValues = (versions: readonly number[]) =>
  Object.fromEntries([0, ...versions].map((version, i) => [`:v${i}`, { N: String(version) }]));

const current = (row: Row | undefined) => (row?.id ? itemOf(row) : undefined);
