import { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { FargateSize, fargateSizeProblem } from "../../model/fargate-size";
import { unchanged } from "../unchanged";

export interface FargateTaskDefinitionProps {
  readonly family: string;
  readonly containerName: string;
  /** Repository and tag or digest. */
  readonly image: string;
  readonly containerPort: number;
  readonly size: FargateSize;
  readonly cpuArchitecture: "ARM64" | "X86_64";
  readonly executionRoleArn: string;
  readonly taskRoleArn: string;
  readonly logGroupName: string;
  readonly region: string;
  /** Numeric, `<user>:<group>`. */
  readonly user: string;
  /** As ECS takes it: `["CMD", "program", ...]`. */
  readonly containerHealthCheck: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Seconds between SIGTERM and SIGKILL: for the load balancer to look elsewhere, and for requests in flight. */
const STOP_TIMEOUT = 45;

const HEALTH_CHECK = { interval: 5, timeout: 3, retries: 3, startPeriod: 10 } as const;

/** One hardened container: no root, no capabilities, nothing to write to but what it mounts. */
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
      // The revision that runs stays registered until the service has left it, so that ECS can go
      // back to it.
      lifecycle: { createBeforeDestroy: true },
      containerDefinitions: Fn.jsonencode([containerDefinition(props)]),
    });
    this.arn = taskDefinition.arn;
  }
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html */
function containerDefinition(props: FargateTaskDefinitionProps) {
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
    healthCheck: { command: props.containerHealthCheck.map(unchanged), ...HEALTH_CHECK },
    stopTimeout: STOP_TIMEOUT,
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": props.logGroupName,
        "awslogs-region": props.region,
        "awslogs-stream-prefix": "ecs",
        // Better to lose log lines than to stand still when CloudWatch Logs is slow or away.
        mode: "non-blocking",
        "max-buffer-size": "25m",
      },
    },
  };
}
