import type { Item } from "./item";

/** A place in a list: behind an item as it was then, whether or not it is still there. */
export type Position = Pick<Item, "id" | "quantity">;

export interface PageRequest {
  /** At most so many items: a page may have fewer and not be the last. */
  readonly limit: number;
  /** `next` of the page before, of the same list. @default - from the start */
  readonly after?: Position | undefined;
}

/** One page of a list. */
export interface ItemPage {
  readonly items: readonly Item[];
  /** Where the next page begins; undefined after the last page, which may be empty. */
  readonly next: Position | undefined;
}

/** A request that its client may send again: the second time it gets the first one's answer. */
export interface RepeatableRequest {
  /** The client's `Idempotency-Key`. */
  readonly key: string;
  /** Equal for equal requests, whatever their key. */
  readonly fingerprint: string;
}

/** A signed change of the quantity. */
export interface Adjustment {
  readonly delta: number;
  /** The item must be of one of them. @default - of any */
  readonly versions?: readonly number[] | undefined;
}

/** How long a `RepeatableRequest` is remembered, seconds. */
export const REMEMBERED_FOR_SECONDS = 48 * 3600;

/**
 * Where items are kept. Every write is atomic. All methods reject with `StoreUnavailableError` when
 * the store is away or overloaded: a write may then have been done or not, but never twice.
 */
export interface ItemRepository {
  /** All items, in an order of the store's own. Each that stays while it is paged is seen once. */
  list(page: PageRequest): Promise<ItemPage>;
  /** Items of which at most `maxQuantity` are left. May lag behind the last writes. */
  listLowStock(maxQuantity: number, page: PageRequest): Promise<ItemPage>;
  /** The item with this sku. */
  findBySku(sku: string): Promise<Item | undefined>;
  /** The item. `consistent`: sees every write that came before; else it may lag behind. */
  get(id: string, consistent: boolean): Promise<Item | undefined>;
  /**
   * Stores a new item and gives it back; when `request` was answered before, its item of then.
   *
   * @throws SkuTakenError, KeyReusedError, RequestInFlightError
   */
  create(item: Item, request?: RepeatableRequest): Promise<Item>;
  /**
   * Puts `item` in the place of `replaced`, which it must follow by one version.
   *
   * @throws ItemChangedError when `replaced` is no longer what is stored; SkuTakenError
   */
  replace(replaced: Item, item: Item): Promise<void>;
  /** Deletes an item. @throws ItemChangedError when it is no longer what is stored */
  remove(item: Item): Promise<void>;
  /**
   * Adds `delta` to an item's quantity and gives the item back; when `request` was answered before,
   * the item of then; undefined when there is no such item.
   *
   * @throws ItemChangedError, QuantityError, KeyReusedError, RequestInFlightError
   */
  adjust(
    id: string,
    adjustment: Adjustment,
    request?: RepeatableRequest,
  ): Promise<Item | undefined>;
}

/** The store did not answer, or refused for its own sake: the same request may succeed later. */
export class StoreUnavailableError extends Error {
  constructor(cause?: unknown) {
    super("The item store is unavailable", { cause });
    this.name = "StoreUnavailableError";
  }
}

/** Another item has the sku. */
export class SkuTakenError extends Error {
  constructor(readonly sku: string) {
    super(`Another item has the sku ${sku}`);
    this.name = "SkuTakenError";
  }
}

/** The item is another version, or gone. */
export class ItemChangedError extends Error {
  constructor() {
    super("The item has changed");
    this.name = "ItemChangedError";
  }
}

/** The quantity would leave its bounds. */
export class QuantityError extends Error {
  /** @param quantity what there is */
  constructor(readonly quantity: number) {
    super(`The item's quantity is ${quantity}`);
    this.name = "QuantityError";
  }
}

/** The key has come with another request before. */
export class KeyReusedError extends Error {
  constructor() {
    super("The idempotency key was used for another request");
    this.name = "KeyReusedError";
  }
}

/** A request with the same key is being answered at this moment. */
export class RequestInFlightError extends Error {
  constructor() {
    super("A request with this idempotency key is in flight");
    this.name = "RequestInFlightError";
  }
}
