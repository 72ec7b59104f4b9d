import type { ItemRepository } from "../../../api/items/item-repository";

const onFire = () => Promise.reject(new Error("table on fire"));

/** A repository with a programming error. */
export const brokenRepository: ItemRepository = {
  list: onFire,
  listLowStock: onFire,
  findBySku: onFire,
  get: onFire,
  create: onFire,
  replace: onFire,
  remove: onFire,
  adjust: onFire,
};
