import { poll } from "../../local/poll";
import { waitUntil } from "../e2e/support/wait-until";

test("rounds follow one another and never overlap", async () => {
  let [running, most, rounds] = [0, 0, 0];
  const polling = poll(
    1,
    async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      rounds++;
    },
    () => undefined,
  );
  await waitUntil("five rounds", () => rounds >= 5, 5000);
  await polling.stop();
  expect(most).toBe(1);
  expect(running).toBe(0);
});

test("a failed round is reported, and the next one follows", async () => {
  const errors: string[] = [];
  const polling = poll(
    1,
    () => Promise.reject(new Error("no answer")),
    ({ message }) => errors.push(message),
  );
  await waitUntil("two failures", () => errors.length >= 2, 5000);
  await polling.stop();
  expect(errors[0]).toBe("no answer");
});

test("after stop there is no further round", async () => {
  let rounds = 0;
  const polling = poll(
    60_000,
    () => {
      rounds++;
      return Promise.resolve();
    },
    () => undefined,
  );
  await polling.stop();
  expect(rounds).toBe(1);
});
