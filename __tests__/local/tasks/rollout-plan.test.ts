import { planRollout } from "../../../local/tasks/rollout-plan";

const task = (deploymentId: string, healthy = true) => ({ deploymentId, healthy });
const goal = { primaryId: "new", desiredCount: 2 };

test("a new service starts all its tasks", () => {
  expect(planRollout([], goal)).toEqual({ start: 2, stop: [] });
});

test("new tasks are started beside the old ones, which stay until new ones are healthy", () => {
  const old = [task("old"), task("old")];
  expect(planRollout(old, goal)).toEqual({ start: 2, stop: [] });
  expect(planRollout([...old, task("new", false), task("new", false)], goal)).toEqual({
    start: 0,
    stop: [],
  });
});

test("each new healthy task lets one old one go", () => {
  const old = [task("old"), task("old")];
  expect(planRollout([...old, task("new"), task("new", false)], goal).stop).toEqual([old[0]]);
  expect(planRollout([...old, task("new"), task("new")], goal).stop).toEqual(old);
});

test("an old task that is not healthy goes at once", () => {
  const sick = task("old", false);
  expect(planRollout([sick, task("old")], goal).stop).toEqual([sick]);
});

test("maximumPercent bounds how many run at once", () => {
  const old = [task("old"), task("old")];
  const inPlace = { ...goal, maximumPercent: 100, minimumHealthyPercent: 50 };
  expect(planRollout(old, inPlace)).toEqual({ start: 0, stop: [old[0]] });
  expect(planRollout([task("old")], inPlace)).toEqual({ start: 1, stop: [] });
});

test("a lower desired count stops the tasks that are not healthy, then the youngest", () => {
  const tasks = [task("new"), task("new", false), task("new")];
  expect(planRollout(tasks, goal).stop).toEqual([tasks[1]]);
  expect(planRollout(tasks, { ...goal, desiredCount: 1 }).stop).toEqual([tasks[1], tasks[2]]);
});

test("a desired count of zero stops everything", () => {
  const tasks = [task("new"), task("old")];
  expect(planRollout(tasks, { ...goal, desiredCount: 0 })).toEqual({ start: 0, stop: tasks });
});
