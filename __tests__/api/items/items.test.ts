import { createMemoryItemRepository } from "../../../api/items/store/memory-item-repository";
import { itemBehaviours } from "../behaviours";

describe("items in memory", () => {
  itemBehaviours(() => {
    const repository = createMemoryItemRepository();
    return Promise.resolve({ repository: () => repository, stop: () => Promise.resolve() });
  }, 300);
});
