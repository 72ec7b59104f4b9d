import type { LocalAws } from "./aws";

/** What the task runner knows of one deployment of a service. */
export interface DeploymentReport {
  readonly id: string;
  readonly runningCount: number;
  readonly pendingCount: number;
  readonly failedTasks: number;
  readonly rolloutState: "IN_PROGRESS" | "COMPLETED" | "FAILED";
  readonly rolloutStateReason: string;
}

/** What the load balancer knows of one target. */
export interface TargetReport {
  readonly id: string;
  readonly port: number;
  readonly state: "initial" | "healthy" | "unhealthy" | "draining";
  readonly reason?: string;
  readonly description?: string;
}

/** Tells the emulator how a service's deployments go, for DescribeServices to show. */
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

/** Tells the emulator how a target group's targets are, for DescribeTargetHealth to show. */
export async function reportTargetHealth(
  aws: LocalAws,
  report: { readonly targetGroupArn: string; readonly targets: TargetReport[] },
): Promise<void> {
  await post(aws, "/_emulator/elbv2/target-health", report);
}

/** What a principal asked of IAM, and whether it was allowed. */
export interface IamAccess {
  /** ARN of the user or role. */
  readonly principal: string;
  /** Such as `ecs:CreateCluster`. */
  readonly action: string;
  readonly resource: string;
  readonly allowed: boolean;
}

/** What was asked of the emulator's IAM so far, each access once, by all but the account's root. */
export async function iamAccesses(aws: LocalAws): Promise<IamAccess[]> {
  const { accesses } = (await post(aws, "/_emulator/iam/accesses", {})) as {
    accesses: IamAccess[];
  };
  return accesses;
}

/**
 * Tells the emulator that a session's calls come from a task in this subnet, which says from which VPC
 * they come.
 */
export async function reportTaskSession(
  aws: LocalAws,
  report: { readonly accessKeyId: string; readonly subnetId: string },
): Promise<void> {
  await post(aws, "/_emulator/iam/task-sessions", report);
}

/** What ECR answers when it is asked for the findings of an image's scan. */
export interface ScanResult {
  readonly imageScanStatus: { readonly status: string };
  readonly imageScanFindings?: {
    readonly findings?: readonly object[];
    readonly enhancedFindings?: readonly object[];
  };
}

/** Has the scan of an image find something. The next calls get these answers, and the last one stays. */
export async function reportScanResults(
  aws: LocalAws,
  report: { readonly imageDigest: string; readonly results: readonly ScanResult[] },
): Promise<void> {
  await post(aws, "/_emulator/ecr/scan-results", report);
}

async function post(aws: LocalAws, path: string, body: object): Promise<unknown> {
  const response = await fetch(new URL(path, aws.endpoint), {
    method: "POST",
    headers: {
      authorization: `Bearer ${aws.controlSecret}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) {
    throw new Error(`POST ${path} answered ${response.status}: ${await response.text()}`);
  }
  return response.json();
}
