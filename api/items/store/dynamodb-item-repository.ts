import {
  ConditionalCheckFailedException,
  GetItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { setTimeout as sleep } from "node:timers/promises";
import { adjustedItem } from "../adjustment";
import { claimTable, isCurrent, rememberedAnswer } from "./claim-table";
import { MAX_QUANTITY, type Item } from "../item";
import { createItemReader } from "./item-reader";
import {
  ItemChangedError,
  QuantityError,
  RequestInFlightError,
  SkuTakenError,
  StoreUnavailableError,
  type Adjustment,
  type ItemRepository,
  type PageRequest,
  type Position,
  type RepeatableRequest,
} from "../item-repository";
import { itemOf, shardOf, SHARDS, type Row } from "./item-row";
import { itemTable } from "./item-table";
import { answered, storeError } from "./store-error";
import { transact, TransactionConflictError } from "./transaction";

/** How long an adjustment that is remembered tries to be the one whose turn it is. */
const CONTENTION_DEADLINE_MS = 5_000;

interface DynamoDbItemRepositoryProps {
  /** Partition key `id` (S), index `by-quantity` on `shard` (N) and `quantity` (N). */
  readonly itemsTable: string;
  /** Partition key `claim` (S), time to live `expiresAt`. */
  readonly claimsTable: string;
  readonly client: DynamoDBClient;
  /** For writes that must not be done twice: repeats only what was certainly not done. */
  readonly cautiousClient: DynamoDBClient;
}

/** Items in two DynamoDB tables: what they are, and what may be there once (docs/decisions/0008). */
export function createDynamoDbItemRepository(props: DynamoDbItemRepositoryProps): ItemRepository {
  const { itemsTable, claimsTable, client, cautiousClient } = props;
  const reader = createItemReader({ client, tableName: itemsTable });
  const items = itemTable(itemsTable);
  const claims = claimTable(claimsTable);

  async function queryShard(shard: number, maxQuantity: number, limit: number, after?: Position) {
    const { Items = [], LastEvaluatedKey } = await answered(
      client.send(
        new QueryCommand({
          TableName: itemsTable,
          IndexName: "by-quantity",
          KeyConditionExpression: "#shard = :shard AND quantity <= :max",
          // The name is one that DynamoDB reserves.
          ExpressionAttributeNames: { "#shard": "shard" },
          ExpressionAttributeValues: {
            ":shard": { N: String(shard) },
            ":max": { N: String(maxQuantity) },
          },
          Limit: limit,
          ExclusiveStartKey: after && {
            id: { S: after.id },
            shard: { N: String(shard) },
            quantity: { N: String(after.quantity) },
          },
        }),
      ),
    );
    return { items: Items.map(itemOf), isCut: LastEvaluatedKey !== undefined };
  }

  async function answerOf(request: RepeatableRequest): Promise<Item | undefined> {
    const { Item } = await answered(
      client.send(new GetItemCommand({ ...claims.keyOfRequest(request), ConsistentRead: true })),
    );
    return Item && isCurrent(Item) ? rememberedAnswer(Item, request) : undefined;
  }

  return {
    async list({ limit, after }: PageRequest) {
      const { Items = [], LastEvaluatedKey } = await answered(
        client.send(
          new ScanCommand({
            TableName: itemsTable,
            Limit: limit,
            ExclusiveStartKey: after && { id: { S: after.id } },
          }),
        ),
      );
      const found = Items.map(itemOf);
      return { items: found, next: LastEvaluatedKey && found.at(-1) };
    },

    async listLowStock(maxQuantity, { limit, after }) {
      const found: Item[] = [];
      for (let shard = after ? shardOf(after.id) : 0; shard < SHARDS; shard++) {
        const start = after && shardOf(after.id) === shard ? after : undefined;
        const { items, isCut } = await queryShard(shard, maxQuantity, limit - found.length, start);
        found.push(...items);
        // At the limit, or at the 1 MB that DynamoDB reads at once.
        if (isCut || found.length === limit) return { items: found, next: found.at(-1) };
      }
      return { items: found, next: undefined };
    },

    async findBySku(sku) {
      const { Item } = await answered(client.send(new GetItemCommand(claims.keyOfSku(sku))));
      const id = Item?.item?.S;
      const item = id === undefined ? undefined : await reader.read(id, false);
      // The claim may lag behind, and the item have another sku by now.
      return item?.sku === sku ? item : undefined;
    },

    get: (id, consistent) => reader.read(id, consistent),

    async create(item, request) {
      const refused = await transact(client, {
        request: request && claims.remember(request, item),
        sku: claims.takeSku(item),
        item: items.putNew(item),
      }).catch(inFlight);
      if (!refused) return item;
      if (refused.request && request) return rememberedAnswer(refused.request, request);
      throw new SkuTakenError(item.sku);
    },

    async replace(replaced, item) {
      const renamed = item.sku !== replaced.sku;
      const refused = await transact(client, {
        item: items.replace(replaced, item),
        sku: renamed ? claims.takeSku(item) : undefined,
        released: renamed ? claims.releaseSku(replaced) : undefined,
      });
      if (refused?.item) throw new ItemChangedError();
      if (refused) throw new SkuTakenError(item.sku);
    },

    async remove(item) {
      const refused = await transact(client, {
        item: items.remove(item),
        released: claims.releaseSku(item),
      });
      if (refused) throw new ItemChangedError();
    },

    adjust: (id, adjustment, request) =>
      request ? adjustOnce(id, adjustment, request) : adjustNow(id, adjustment),
  };

  /** In one write, which holds whatever others write meanwhile. */
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

  /** What is refused, or is of an item that is gone, may be so because it was done before. */
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

  /** With its answer, which must be known beforehand: on the condition that nobody else writes. */
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
}

/** Expressions take no empty list: 0 is no item's version. */
const versionValues = (versions: readonly number[]) =>
  Object.fromEntries([0, ...versions].map((version, i) => [`:v${i}`, { N: String(version) }]));

/** Two transactions with one key meet: the other is the request that is in flight. */
function inFlight(error: unknown): never {
  const meets = error instanceof TransactionConflictError && error.parts.includes("request");
  throw meets ? new RequestInFlightError() : error;
}

const current = (row: Row | undefined) => (row?.id ? itemOf(row) : undefined);
