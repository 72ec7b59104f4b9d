import { adjust } from "./adjust";
import { change } from "./change";
import { createAndRead } from "./create-and-read";
import { idempotency } from "./idempotency";
import { lists } from "./lists";
import { roundTrips } from "./round-trips";
import type { OpenStore } from "./store";

/**
 * Tests of the API over HTTP, which are the same for every item store.
 *
 * @param numRuns the number of generated items that are written and read
 */
export function itemBehaviours(open: OpenStore, numRuns: number) {
  describe("creating and reading", () => {
    createAndRead(open);
  });
  describe("changing", () => {
    change(open);
  });
  describe("adjusting", () => {
    adjust(open);
  });
  describe("repeating with an Idempotency-Key", () => {
    idempotency(open);
  });
  describe("listing", () => {
    lists(open);
  });
  describe("round trips", () => {
    roundTrips(open, numRuns);
  });
}
