import { inDependencyOrder } from "../../../delivery/deploy/dependency-order";
import { state } from "./state";

const states = [state("service", "cluster", "balancer"), state("cluster"), state("balancer")];

test("a state is deployed after those that it depends on, the others side by side", async () => {
  const events: string[] = [];
  const results = inDependencyOrder(states, async ({ name }) => {
    events.push(`${name} starts`);
    await Promise.resolve();
    events.push(`${name} stands`);
  });
  await Promise.all(results.values());
  expect(events).toEqual([
    "cluster starts",
    "balancer starts",
    "cluster stands",
    "balancer stands",
    "service starts",
    "service stands",
  ]);
});

test("a state whose dependency failed is not deployed, the others are", async () => {
  const deployed: string[] = [];
  const results = inDependencyOrder(states, ({ name }) => {
    deployed.push(name);
    return name === "cluster" ? Promise.reject(new Error("no capacity")) : Promise.resolve();
  });
  await Promise.allSettled(results.values());
  expect(deployed).toEqual(["cluster", "balancer"]);
  await expect(results.get("cluster")).rejects.toThrow("no capacity");
  await expect(results.get("service")).rejects.toThrow("not deployed, because cluster failed");
  await expect(results.get("balancer")).resolves.toBeUndefined();
});
