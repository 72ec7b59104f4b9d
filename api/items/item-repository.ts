import type { Item } from "./item";

/** One page of the list. */
export interface ItemPage {
  readonly items: readonly Item[];
  /** Id to list on after; undefined after the last page, which may be empty. */
  readonly next: string | undefined;
}

export interface ListOptions {
  /** At most so many items: a page may have fewer and not be the last. */
  readonly limit: number;
  /** List on after this id, whether or not its item still exists. @default - from the start */
  readonly after?: string | undefined;
}

/**
 * Where items are kept. All methods reject with `ItemStoreUnavailableError` when the store is away
 * or overloaded.
 */
export interface ItemRepository {
  /** Items in an order of the store's own, which does not change. */
  list(options: ListOptions): Promise<ItemPage>;
  /** The item, or undefined when there is none. Sees every `put` that came before. */
  get(id: string): Promise<Item | undefined>;
  /** Stores a new item. Rejects when its id is taken. */
  put(item: Item): Promise<void>;
}

/** The store did not answer, or refused for its own sake: the same request may succeed later. */
export class ItemStoreUnavailableError extends Error {
  constructor(cause: unknown) {
    super("The item store is unavailable", { cause });
    this.name = "ItemStoreUnavailableError";
  }
}
