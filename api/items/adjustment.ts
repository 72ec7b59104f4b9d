import { changedItem, MAX_QUANTITY, type Item } from "./item";
import { ItemChangedError, QuantityError, type Adjustment } from "./item-repository";

/** The item as it is after an adjustment. @throws ItemChangedError, QuantityError */
export function adjustedItem(item: Item, { delta, versions }: Adjustment): Item {
  if (versions && !versions.includes(item.version)) throw new ItemChangedError();
  const quantity = item.quantity + delta;
  if (quantity < 0 || quantity > MAX_QUANTITY) throw new QuantityError(item.quantity);
  return changedItem(item, { ...item, quantity });
}
