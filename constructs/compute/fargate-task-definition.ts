import { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { FargateSize, fargateSizeProblem } from "../../model/fargate-size";
import { unchanged } from "../unchanged";

export interface FargateTaskDefinitionProps {
  readonly family: string;
  readonly containerName: string;
  /** The repository with a tag or a digest. */
  readonly image: string;
  readonly containerPort: number;
  readonly size: FargateSize;
  readonly cpuArchitecture: "ARM64" | "X86_64";
  readonly executionRoleArn: string;
  readonly taskRoleArn: string;
  readonly logGroupName: string;
  readonly region: string;
  /** The numeric user and group, as `<user>:<group>`. */
  readonly user: string;
  /** The command in ECS's form: `["CMD", "program", ...]`. */
  readonly containerHealthCheck: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The ARNs of secrets, or `<arn>:<key>::`, by the variable that receives the value. @default - none */
  readonly secrets?: Readonly<Record<string, string>>;
}

/**
 * The seconds between SIGTERM and SIGKILL. In this time the load balancer stops sending requests,
 * and the requests in flight are answered.
 */
const STOP_TIMEOUT = 45;

const HEALTH_CHECK = { interval: 5, timeout: 3, retries: 3, startPeriod: 10 } as const;

/**
 * One hardened container: it runs without root and without Linux capabilities, and can write only
 * to its mounts.
 */
export class FargateTaskDefinition extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: FargateTaskDefinitionProps) {
    super(scope, id);
    const problem = fargateSizeProblem(props.size);
    if (problem) {
      throw new Error(
        `${props.family}: size.${problem.field} is ${problem.value}, expected ${problem.allowed}`,
      );
    }
    const taskDefinition = new EcsTaskDefinition(this, "this", {
      family: props.family,
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: String(props.size.cpu),
      memory: String(props.size.memoryMiB),
      runtimePlatform: {
        operatingSystemFamily: "LINUX",
        cpuArchitecture: props.cpuArchitecture,
      },
      executionRoleArn: props.executionRoleArn,
      taskRoleArn: props.taskRoleArn,
      // The running revision stays registered until the service has left it, so that ECS can roll
      // back to it.
      lifecycle: { createBeforeDestroy: true },
      containerDefinitions: Fn.jsonencode([containerDefinition(props)]),
    });
    this.arn = taskDefinition.arn;
  }
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html */
function containerDefinition(props: FargateTaskDefinitionProps) {
  const secrets = Object.entries(props.secrets ?? {});
  return {
    name: props.containerName,
    image: props.image,
    essential: true,
    user: props.user,
    readonlyRootFilesystem: true,
    linuxParameters: {
      initProcessEnabled: true,
      capabilities: { drop: ["ALL"] },
    },
    portMappings: [{ containerPort: props.containerPort, protocol: "tcp" }],
    environment: Object.entries({
      PORT: Fn.tostring(props.containerPort),
      ...props.environment,
    }).map(([name, value]) => ({ name: unchanged(name), value: unchanged(value) })),
    ...(secrets.length > 0 && {
      secrets: secrets.map(([name, valueFrom]) => ({ name, valueFrom })),
    }),
    healthCheck: { command: props.containerHealthCheck.map(unchanged), ...HEALTH_CHECK },
    stopTimeout: STOP_TIMEOUT,
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": props.logGroupName,
        "awslogs-region": props.region,
        "awslogs-stream-prefix": "ecs",
        // When CloudWatch Logs is slow or unavailable, losing log lines is better than blocking the
        // container.
        mode: "non-blocking",
        "max-buffer-size": "25m",
      },
    },
  };
}
