import type { Problem } from "./problem";

/**
 * The retention periods, in days, that CloudWatch Logs offers for a log group.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 */
const LOG_RETENTION_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

export function* logRetentionProblems(field: string, days: number): Iterable<Problem> {
  if (LOG_RETENTION_DAYS.includes(days)) return;
  yield { field, value: days, allowed: `one of ${LOG_RETENTION_DAYS.join(", ")}` };
}
