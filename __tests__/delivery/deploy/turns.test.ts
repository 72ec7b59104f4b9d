import { Turns } from "../../../delivery/deploy/turns";

test("no more than the given number have a turn, the others get theirs in order", async () => {
  const turns = new Turns(2);
  const order: string[] = [];
  const takers = ["a", "b", "c", "d"].map(async (name) => {
    const giveBack = await turns.take();
    order.push(name);
    return giveBack;
  });
  const [first, second] = [await takers[0], await takers[1]];
  expect(order).toEqual(["a", "b"]);

  second?.();
  await takers[2];
  expect(order).toEqual(["a", "b", "c"]);

  second?.();
  await Promise.resolve();
  expect(order).toEqual(["a", "b", "c"]);

  first?.();
  await takers[3];
  expect(order).toEqual(["a", "b", "c", "d"]);
});

test("a turn that is given back with nobody waiting is there for the next", async () => {
  const turns = new Turns(1);
  (await turns.take())();
  await expect(turns.take()).resolves.toBeInstanceOf(Function);
});
