import { createHash } from "node:crypto";
import type { Item } from "../../api/items/item";

/** The number of items that exist before the load begins. */
export const ITEM_COUNT = 10_000;

const CREATED_AT = "2026-01-01T00:00:00.000Z";

/**
 * The n-th item. It is the same in every process, so that the processes need to exchange only its
 * number.
 */
export function itemAt(n: number): Item {
  return {
    id: idAt(n),
    sku: `ITEM-${n}`,
    name: `Green tea, harvest ${n}`,
    quantity: 1000 + n,
    unitPrice: "3.90",
    description: "Loose leaves, first harvest, in a tin of 100 g.",
    attributes: { origin: "Uji", shelf: `A-${n % 100}` },
    createdAt: CREATED_AT,
    updatedAt: CREATED_AT,
    version: 1,
  };
}

/** An id in the form of a UUID v4. The ids are evenly distributed. */
export function idAt(n: number): string {
  const hex = createHash("md5").update(String(n)).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join("-");
}
