import {
  backoffMs,
  circuitBreakerThreshold,
  TaskFailures,
} from "../../../local/tasks/task-failures";

test.each([
  [0, 3],
  [1, 3],
  [6, 3],
  [7, 4],
  [25, 13],
  [400, 200],
  [1000, 200],
])("with %i desired tasks the circuit breaker opens after %i failures", (desired, threshold) => {
  expect(circuitBreakerThreshold(desired)).toBe(threshold);
});

test.each([
  [0, 0],
  [1, 250],
  [2, 500],
  [3, 1000],
  [7, 16_000],
  [8, 30_000],
  [2000, 30_000],
])("after %i failures no task is started for %i ms", (failures, ms) => {
  expect(backoffMs(failures)).toBe(ms);
});

test("each deployment has failures of its own", () => {
  const failures = new TaskFailures();
  failures.add("old");
  failures.add("old");
  expect([failures.count("old"), failures.count("new")]).toEqual([2, 0]);
  expect([failures.mayStart("old"), failures.mayStart("new")]).toEqual([false, true]);
});
