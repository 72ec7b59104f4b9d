import { Turns } from "../../../delivery/deploy/turns";

test("at most the given number run at once, and the others follow in order", async () => {
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

test("a slot that is released while nothing waits can be used later", async () => {
  const turns = new Turns(1);
  (await turns.take())();
  await expect(turns.take()).resolves.toBeInstanceOf(Function);
});
