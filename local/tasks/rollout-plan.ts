/** The properties of a task that matter for planning. */
interface PlannedTask {
  readonly deploymentId: string;
  readonly healthy: boolean;
}

/** The settings of a service that a rolling update follows. */
interface RolloutGoal {
  readonly primaryId: string;
  readonly desiredCount: number;
  /** Percentage of desiredCount that may run at the same time. @default 200 */
  readonly maximumPercent?: number;
  /** Percentage of desiredCount that must stay healthy. @default 100 */
  readonly minimumHealthyPercent?: number;
}

/** The next step of a deployment: how many tasks to start and which to stop. */
interface RolloutStep<T> {
  readonly start: number;
  readonly stop: T[];
}

/**
 * Plans the next step of a rolling update by the rules of ECS's service scheduler. It starts new tasks up to the
 * maximum, and stops old tasks as soon as enough healthy ones are left without them.
 *
 * @param tasks the service's tasks that are starting or running, oldest first, without those that are draining
 */
export function planRollout<T extends PlannedTask>(tasks: T[], goal: RolloutGoal): RolloutStep<T> {
  const { desiredCount, maximumPercent = 200, minimumHealthyPercent = 100 } = goal;
  const maximum = Math.floor((desiredCount * maximumPercent) / 100);
  const minimumHealthy = Math.ceil((desiredCount * minimumHealthyPercent) / 100);
  const isCurrent = (task: T) => task.deploymentId === goal.primaryId;
  const current = tasks.filter(isCurrent);

  const surplus = unhealthyFirst(current.toReversed()).slice(
    0,
    Math.max(0, current.length - desiredCount),
  );
  const kept = tasks.filter((task) => !surplus.includes(task));
  const spare = Math.max(0, kept.filter(({ healthy }) => healthy).length - minimumHealthy);
  const old = kept.filter((task) => !isCurrent(task));
  const superseded = [
    ...old.filter(({ healthy }) => !healthy),
    ...old.filter(({ healthy }) => healthy).slice(0, spare),
  ];

  const missing = desiredCount - current.length;
  const room = maximum - tasks.length;
  return { start: Math.max(0, Math.min(missing, room)), stop: [...surplus, ...superseded] };
}

function unhealthyFirst<T extends PlannedTask>(tasks: T[]): T[] {
  return tasks.toSorted((a, b) => Number(a.healthy) - Number(b.healthy));
}
