import { adjustedItem } from "../adjustment";
import type { Item } from "../item";
import {
  ItemChangedError,
  KeyReusedError,
  REMEMBERED_FOR_SECONDS,
  SkuTakenError,
  type ItemPage,
  type ItemRepository,
  type PageRequest,
  type RepeatableRequest,
} from "../item-repository";

interface Answer {
  readonly fingerprint: string;
  readonly item: Item;
  readonly expiresAt: number;
}

/**
 * Keeps items in the memory of this process: other tasks do not see them, and they are lost on
 * restart.
 */
export function createMemoryItemRepository(): ItemRepository {
  const items = new Map<string, Item>();
  const idsBySku = new Map<string, string>();
  const answers = new Map<string, Answer>();

  /** The stored answer to a request, or the answer that is made now. */
  function once<Made extends Item | undefined>(
    request: RepeatableRequest | undefined,
    answer: () => Made,
  ): Item | Made {
    if (!request) return answer();
    const { key, fingerprint } = request;
    const before = answers.get(key);
    if (before && before.expiresAt > Date.now()) {
      if (before.fingerprint !== fingerprint) throw new KeyReusedError();
      return before.item;
    }
    const item = answer();
    const expiresAt = Date.now() + REMEMBERED_FOR_SECONDS * 1000;
    if (item) answers.set(key, { fingerprint, item, expiresAt });
    return item;
  }

  function claimSku({ sku, id }: Item) {
    if ((idsBySku.get(sku) ?? id) !== id) throw new SkuTakenError(sku);
    idsBySku.set(sku, id);
  }

  function expectStored({ id, version }: Item) {
    if (items.get(id)?.version !== version) throw new ItemChangedError();
  }

  function page(all: Iterable<Item>, { limit, after }: PageRequest): ItemPage {
    const rest = [...all]
      .filter(({ id }) => after === undefined || id > after.id)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const found = rest.slice(0, limit);
    return { items: found, next: rest.length > limit ? found.at(-1) : undefined };
  }

  // Each method runs without interruption by another request, which makes it atomic.
  /* eslint-disable @typescript-eslint/require-await */
  return {
    async list(request) {
      return page(items.values(), request);
    },
    async listLowStock(maxQuantity, request) {
      return page(
        [...items.values()].filter(({ quantity }) => quantity <= maxQuantity),
        request,
      );
    },
    async findBySku(sku) {
      return items.get(idsBySku.get(sku) ?? "");
    },
    async get(id) {
      return items.get(id);
    },
    async create(item, request) {
      return once(request, () => {
        claimSku(item);
        items.set(item.id, item);
        return item;
      });
    },
    async replace(replaced, item) {
      expectStored(replaced);
      claimSku(item);
      if (item.sku !== replaced.sku) idsBySku.delete(replaced.sku);
      items.set(item.id, item);
    },
    async remove(item) {
      expectStored(item);
      items.delete(item.id);
      idsBySku.delete(item.sku);
    },
    async adjust(id, adjustment, request) {
      return once(request, () => {
        const item = items.get(id);
        if (!item) return undefined;
        const adjusted = adjustedItem(item, adjustment);
        items.set(id, adjusted);
        return adjusted;
      });
    },
  };
  /* eslint-enable @typescript-eslint/require-await */
}
