import { availableParallelism } from "node:os";
import { deployInOrder } from "../../../delivery/deploy/deploy-in-order";
import { state } from "./state";

const CREATING = "aws_lb.load_balancer: Creating...";

/** One more than the number of states that are planned at the same time. */
const MANY = Array.from({ length: availableParallelism() + 1 }, (_, i) => `state-${i}`);

test("however many states wait for AWS, the next one may plan", async () => {
  const waiting: (() => void)[] = [];
  await deployInOrder(
    MANY.map((name) => state(name)),
    async (_, { onLine }) => {
      onLine(CREATING);
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length === MANY.length) for (const end of waiting) end();
      });
    },
  );
  expect(waiting).toHaveLength(MANY.length);
});

test("a failed state releases its slot, and states that depend on it are not deployed", async () => {
  const done: string[] = [];
  const failing = MANY.map((name) => state(name));
  const deploy = deployInOrder(
    [...failing, state("other"), state("service", "state-0")],
    ({ name }) => {
      if (MANY.includes(name)) return Promise.reject(new Error(`${name} failed`));
      done.push(name);
      return Promise.resolve();
    },
  );
  await expect(deploy).rejects.toThrow("state-0 failed");
  expect(done).toEqual(["other"]);
});

test("a state that is not ready takes no slot from the others", async () => {
  const done: string[] = [];
  let makeReady = () => {};
  const ready = new Promise<void>((resolve) => {
    makeReady = resolve;
  });
  await deployInOrder(
    [...MANY, "last"].map((name) => state(name)),
    ({ name }) => {
      done.push(name);
      if (name === "last") makeReady();
      return Promise.resolve();
    },
    ({ name }) => (name === "last" ? Promise.resolve() : ready),
  );
  expect(done).toEqual(["last", ...MANY]);
});
