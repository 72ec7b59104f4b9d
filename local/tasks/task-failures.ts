const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 30_000;

/** After how many failed tasks the circuit breaker fails a deployment: ECS's rule. */
export const circuitBreakerThreshold = (desiredCount: number): number =>
  Math.min(200, Math.max(3, Math.ceil(desiredCount / 2)));

/** How long no task is started after so many have failed: twice as long each time. */
export const backoffMs = (failures: number): number =>
  failures === 0 ? 0 : Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 1), LONGEST_BACKOFF_MS);

/** Counts the failed tasks of each deployment of a service. */
export class TaskFailures {
  private readonly failures = new Map<string, { readonly count: number; readonly at: number }>();

  add(deploymentId: string): void {
    this.failures.set(deploymentId, { count: this.count(deploymentId) + 1, at: Date.now() });
  }

  count(deploymentId: string): number {
    return this.failures.get(deploymentId)?.count ?? 0;
  }

  /** Whether the deployment may start a task again. */
  mayStart(deploymentId: string): boolean {
    const { count, at } = this.failures.get(deploymentId) ?? { count: 0, at: 0 };
    return Date.now() >= at + backoffMs(count);
  }
}
