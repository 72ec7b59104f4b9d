const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 30_000;

/** The number of failed tasks after which the circuit breaker fails a deployment, by ECS's rule. */
export const circuitBreakerThreshold = (desiredCount: number): number =>
  Math.min(200, Math.max(3, Math.ceil(desiredCount / 2)));

/** The pause before the next start of a task. It doubles with each failed task. */
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
