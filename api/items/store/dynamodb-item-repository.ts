import { GetItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ItemChangedError, SkuTakenError, type ItemRepository } from "../item-repository";
import { claimTable, inFlight, rememberedAnswer } from "./claim-table";
import { itemAdjustments } from "./item-adjustments";
import { itemPages } from "./item-pages";
import { createItemReader } from "./item-reader";
import { itemTable } from "./item-table";
import { answered } from "./store-error";
import { transact } from "./transaction";

interface DynamoDbItemRepositoryProps {
  /** Partition key `id` (S), index `by-quantity` on `shard` (N) and `quantity` (N). */
  readonly itemsTable: string;
  /** Partition key `claim` (S), time to live `expiresAt`. */
  readonly claimsTable: string;
  readonly client: DynamoDBClient;
  /**
   * For writes that must not happen twice: it repeats a call only when it was certainly not
   * executed.
   */
  readonly cautiousClient: DynamoDBClient;
}

/**
 * Stores items in two DynamoDB tables. One holds the items, the other holds the values that must be
 * unique (docs/decisions/0008).
 */
export function createDynamoDbItemRepository(props: DynamoDbItemRepositoryProps): ItemRepository {
  const { itemsTable, claimsTable, client } = props;
  const reader = createItemReader({ client, tableName: itemsTable });
  const items = itemTable(itemsTable);
  const claims = claimTable(claimsTable);

  return {
    ...itemPages(client, itemsTable),

    async findBySku(sku) {
      const { Item } = await answered(client.send(new GetItemCommand(claims.keyOfSku(sku))));
      const id = Item?.item?.S;
      const item = id === undefined ? undefined : await reader.read(id, false);
      // The claim may lag behind, so the item may have another sku by now.
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

    adjust: itemAdjustments({ ...props, reader }),
  };
}
