import type { Item } from "./item";

/**
 * A position in a list: after the item as it was at that time, even if the item has been deleted
 * since.
 */
export type Position = Pick<Item, "id" | "quantity">;

export interface PageRequest {
  /** The largest number of items on the page. A page may have fewer and still not be the last. */
  readonly limit: number;
  /**
   * The `next` of the preceding page of the same list. @default - the list starts at its beginning
   */
  readonly after?: Position | undefined;
}

export interface ItemPage {
  readonly items: readonly Item[];
  /** The position of the next page, or undefined on the last page, which may be empty. */
  readonly next: Position | undefined;
}

/** A request that its client may repeat. A repeated request gets the answer of the first one. */
export interface RepeatableRequest {
  /** The client's `Idempotency-Key`. */
  readonly key: string;
  /** Two requests with the same content have the same fingerprint, even with different keys. */
  readonly fingerprint: string;
}

/** A signed change of the quantity. */
export interface Adjustment {
  readonly delta: number;
  /** The adjustment applies only to these versions of the item. @default - any version */
  readonly versions?: readonly number[] | undefined;
}

/** How long the answer to a `RepeatableRequest` is kept, in seconds. */
export const REMEMBERED_FOR_SECONDS = 48 * 3600;

/**
 * Stores items. Every write is atomic. All methods reject with `StoreUnavailableError` when the
 * store is unreachable or overloaded. A write may then have happened or not, but never twice.
 */
export interface ItemRepository {
  /**
   * All items, in an order that the store chooses. An item that exists throughout is listed exactly
   * once.
   */
  list(page: PageRequest): Promise<ItemPage>;
  /** Items whose quantity is at most `maxQuantity`. The list may lag behind the latest writes. */
  listLowStock(maxQuantity: number, page: PageRequest): Promise<ItemPage>;
  /** The item with this sku. */
  findBySku(sku: string): Promise<Item | undefined>;
  /**
   * The item with this id. With `consistent`, every earlier write is seen; otherwise the item may
   * lag behind.
   */
  get(id: string, consistent: boolean): Promise<Item | undefined>;
  /**
   * Stores a new item and returns it. When `request` has been answered before, the item of that
   * answer is returned and nothing is stored.
   *
   * @throws SkuTakenError, KeyReusedError, RequestInFlightError
   */
  create(item: Item, request?: RepeatableRequest): Promise<Item>;
  /**
   * Replaces `replaced` with `item`, whose version is one higher.
   *
   * @throws ItemChangedError when the stored item is no longer `replaced`; SkuTakenError
   */
  replace(replaced: Item, item: Item): Promise<void>;
  /** Deletes an item. @throws ItemChangedError when the stored item is another version */
  remove(item: Item): Promise<void>;
  /**
   * Adds `delta` to an item's quantity and returns the item, or undefined when the item does not
   * exist. When `request` has been answered before, the item of that answer is returned and nothing
   * is changed.
   *
   * @throws ItemChangedError, QuantityError, KeyReusedError, RequestInFlightError
   */
  adjust(
    id: string,
    adjustment: Adjustment,
    request?: RepeatableRequest,
  ): Promise<Item | undefined>;
}

/** The store did not answer or was overloaded. The same request may succeed later. */
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

/** The stored item has another version or was deleted. */
export class ItemChangedError extends Error {
  constructor() {
    super("The item has changed");
    this.name = "ItemChangedError";
  }
}

/** The quantity would leave its bounds. */
export class QuantityError extends Error {
  /** @param quantity the stored quantity */
  constructor(readonly quantity: number) {
    super(`The item's quantity is ${quantity}`);
    this.name = "QuantityError";
  }
}

/** The key was used for another request before. */
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
