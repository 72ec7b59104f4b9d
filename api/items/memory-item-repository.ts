import type { Item } from "./item";
import type { ItemRepository } from "./item-repository";

/** Items in this process alone: other tasks do not see them and they are lost on restart. */
export function createMemoryItemRepository(): ItemRepository {
  const itemsById = new Map<string, Item>();
  return {
    list({ limit, after = "" }) {
      const ids = [...itemsById.keys()].sort().filter((id) => id > after);
      const items = ids.slice(0, limit).flatMap((id) => itemsById.get(id) ?? []);
      return Promise.resolve({ items, next: ids.length > limit ? ids[limit - 1] : undefined });
    },
    get(id) {
      return Promise.resolve(itemsById.get(id));
    },
    put(item) {
      if (itemsById.has(item.id)) return Promise.reject(new Error(`Item ${item.id} exists`));
      itemsById.set(item.id, item);
      return Promise.resolve();
    },
  };
}
