import type { LocalAws } from "./aws";

/** Longer than the emulator waits for a change. */
const TIMEOUT_MS = 20_000;

/** The task runner's report on one deployment of a service. */
export interface DeploymentReport {
  readonly id: string;
  readonly runningCount: number;
  readonly pendingCount: number;
  readonly failedTasks: number;
  readonly rolloutState: "IN_PROGRESS" | "COMPLETED" | "FAILED";
  readonly rolloutStateReason: string;
}

/** The load balancer's report on one target. */
export interface TargetReport {
  readonly id: string;
  readonly port: number;
  readonly state: "initial" | "healthy" | "unhealthy" | "draining";
  readonly reason?: string;
  readonly description?: string;
}

/**
 * Reports the progress of a service's deployments to the emulator, which returns it in
 * DescribeServices.
 */
export async function reportDeployments(
  aws: LocalAws,
  report: {
    readonly cluster: string;
    readonly service: string;
    readonly deployments: DeploymentReport[];
    readonly events: string[];
  },
): Promise<void> {
  await post(aws, "/_emulator/ecs/deployments", report);
}

/**
 * Reports the health of a target group's targets to the emulator, which returns it in
 * DescribeTargetHealth.
 */
export async function reportTargetHealth(
  aws: LocalAws,
  report: { readonly targetGroupArn: string; readonly targets: TargetReport[] },
): Promise<void> {
  await post(aws, "/_emulator/elbv2/target-health", report);
}

/**
 * Waits until the number of changes in the emulator differs from `after`, for at most 10 seconds.
 *
 * @returns the number of changes so far
 */
export async function nextChange(
  aws: LocalAws,
  after: number,
  signal: AbortSignal,
): Promise<number> {
  const { count } = (await post(aws, "/_emulator/changes", { after }, signal)) as { count: number };
  return count;
}

/** An action that a principal requested, and whether IAM allowed it. */
export interface IamAccess {
  /** The ARN of the user or role. */
  readonly principal: string;
  /** The action, such as `ecs:CreateCluster`. */
  readonly action: string;
  readonly resource: string;
  readonly allowed: boolean;
}

/**
 * The actions that all principals except the account's root have requested so far, without
 * duplicates.
 */
export async function iamAccesses(aws: LocalAws): Promise<IamAccess[]> {
  const { accesses } = (await post(aws, "/_emulator/iam/accesses", {})) as {
    accesses: IamAccess[];
  };
  return accesses;
}

/** Credentials of a role's session, as the emulator answers them. */
interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** ISO 8601. */
  readonly expiration: string;
}

/**
 * Has the emulator assume a role as ECS does for a task.
 *
 * @returns nothing when the role does not exist or does not trust ECS for this task
 */
export async function assumeTaskRole(
  aws: LocalAws,
  request: { readonly roleArn: string; readonly taskArn: string; readonly subnetId: string },
): Promise<SessionCredentials | undefined> {
  const { credentials } = (await post(aws, "/_emulator/iam/task-roles", request)) as {
    credentials?: SessionCredentials;
  };
  return credentials;
}

/** ECR's answer to a request for the findings of an image's scan. */
export interface ScanResult {
  readonly imageScanStatus: { readonly status: string };
  readonly imageScanFindings?: {
    readonly findings?: readonly object[];
    readonly enhancedFindings?: readonly object[];
  };
}

/**
 * Sets the results of an image's scan. Each of the next calls gets one of them, and all later calls
 * get the last one.
 */
export async function reportScanResults(
  aws: LocalAws,
  report: { readonly imageDigest: string; readonly results: readonly ScanResult[] },
): Promise<void> {
  await post(aws, "/_emulator/ecr/scan-results", report);
}

async function post(
  aws: LocalAws,
  path: string,
  body: object,
  stop?: AbortSignal,
): Promise<unknown> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(new URL(path, aws.endpoint), {
    method: "POST",
    headers: {
      authorization: `Bearer ${aws.controlSecret}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
    signal: stop ? AbortSignal.any([stop, timeout]) : timeout,
  });
  if (!response.ok) {
    throw new Error(`POST ${path} answered ${response.status}: ${await response.text()}`);
  }
  return response.json();
}
