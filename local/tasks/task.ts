import type { ContainerDefinition, TaskDefinition } from "@aws-sdk/client-ecs";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { clientConfig, type LocalAws } from "../emulator/aws";
import type { Changes } from "../emulator/changes";
import { exists } from "../images/build-context";
import {
  containerCommand,
  readImageConfig,
  startContainer,
  type Container,
  type ContainerExit,
} from "./container";
import { startContainerHealthCheck, type ContainerHealth } from "./container-health";
import type { CredentialsServer } from "./credentials";
import { envOf } from "../images/dockerfile";
import { imageDirectory } from "../images/image";
import { cannotPull, resolveImage } from "../images/registry";
import { findAddress, listenerEnv, type Addressing, type TaskAddress } from "./task-address";
import { openTaskLog, type TaskLog } from "./task-logs";
import { assumeRole, type TaskIdentity } from "./task-roles";
import type { PrivateDns } from "./private-dns";
import type { ServiceRegistries } from "./service-registries";
import { readSecrets } from "./task-secrets";

/** What all tasks share: the local AWS, the folders of their files, the credentials endpoint and the addressing. */
export interface TaskHost {
  readonly aws: LocalAws;
  readonly changes: Changes;
  readonly imagesDirectory: string;
  readonly logsDirectory: string;
  readonly credentials: CredentialsServer;
  readonly addressing: Addressing;
  readonly registries: ServiceRegistries;
  readonly privateDns: Pick<PrivateDns, "hostsFile">;
}

/** A running task. */
export interface Task {
  readonly id: string;
  readonly pid: number;
  readonly address: TaskAddress;
  /** The health of the container, or undefined if the container has no health check. */
  health(): ContainerHealth | undefined;
  readonly exited: Promise<ContainerExit>;
  /**
   * Sends SIGTERM, and SIGKILL after `timeoutMs`.
   *
   * @default - the container's `stopTimeout`, whose own default is 30 s
   */
  stop(timeoutMs?: number): Promise<void>;
}

/** Returns the id of a new task in ECS's format. */
export function newTaskId(): string {
  return randomUUID().replaceAll("-", "");
}

/**
 * Starts a task in the order of Fargate's agent: roles, secrets, image, log stream, credentials, process.
 *
 * @throws Error whose message is ECS's stopped reason, such as `CannotPullContainerError: ...`
 */
export async function startTask(
  host: TaskHost,
  props: {
    readonly id: string;
    readonly subnetId: string;
    readonly clusterName: string;
    readonly serviceName: string;
    readonly taskDefinition: TaskDefinition;
    /** Aborts the attempts to pull the image. */
    readonly signal: AbortSignal;
  },
): Promise<Task> {
  const { id, subnetId, taskDefinition, signal } = props;
  const definition = onlyContainer(taskDefinition);
  const arn = `arn:aws:ecs:${host.aws.region}:${host.aws.accountId}:task/${props.clusterName}/${id}`;
  const identity = { id, arn, subnetId };
  const { taskRoleArn, executionRoleArn } = taskDefinition;
  // ECS assumes both roles first. A task whose role cannot be assumed does not start.
  for (const role of [executionRoleArn, taskRoleArn]) {
    if (role) await assumeRole(host.aws, role, identity);
  }
  const agent = agentConfig(host.aws, executionRoleArn, identity);
  const secrets = await readSecrets(agent, definition.secrets ?? [], signal);
  const directory = await pull(host, agent, definition.image ?? "", signal);
  const log = await openTaskLog({
    file: join(host.logsDirectory, props.serviceName, `${id}.log`),
    config: agent,
    containerName: definition.name ?? "",
    taskId: id,
    options: awslogsOptions(definition),
  });
  try {
    return await startProcess(host, {
      identity,
      taskDefinition,
      definition,
      secrets,
      directory,
      log,
    });
  } catch (error) {
    host.credentials.forget(id);
    await log.close();
    throw error;
  }
}

async function startProcess(
  host: TaskHost,
  props: {
    readonly identity: TaskIdentity;
    readonly taskDefinition: TaskDefinition;
    readonly definition: ContainerDefinition;
    /** The values of the container's secrets by variable. */
    readonly secrets: Readonly<Record<string, string>>;
    readonly directory: string;
    readonly log: TaskLog;
  },
): Promise<Task> {
  const { identity, taskDefinition, definition, secrets, directory, log } = props;
  const { id } = identity;
  const image = await readImageConfig(directory);
  const containerPort = definition.portMappings?.[0]?.containerPort ?? 0;
  const address = await findAddress(host.addressing, containerPort);
  const container = await startContainer({
    imageDirectory: directory,
    workingDirectory: definition.workingDirectory ?? image.WorkingDir,
    command: containerCommand(definition, image),
    environment: {
      ...envOf(image),
      ...Object.fromEntries(
        (definition.environment ?? []).map(({ name = "", value = "" }) => [name, value] as const),
      ),
      ...secrets,
      ...injectedEnv(host, identity, taskDefinition.taskRoleArn, directory),
      ...listenerEnv(address, containerPort),
    },
    hostsFile: host.privateDns.hostsFile(),
    memoryLimitMiB: definition.memory ?? (Number(taskDefinition.memory) || undefined),
  });
  log.follow(container.stdout);
  log.follow(container.stderr);
  const check =
    definition.healthCheck &&
    startContainerHealthCheck(definition.healthCheck, container.execute.bind(container));

  return {
    id,
    pid: container.pid,
    address,
    health: () => check?.status(),
    exited: ended(container, async () => {
      check?.stop();
      host.credentials.forget(id);
      await log.close();
    }),
    stop: (timeoutMs = (definition.stopTimeout ?? 30) * 1000) => container.stop(timeoutMs),
  };
}

async function ended(container: Container, release: () => Promise<void>): Promise<ContainerExit> {
  const exit = await container.exited;
  await release();
  return exit;
}

/** The variables that ECS sets in a container, and the endpoint of the local AWS. */
function injectedEnv(
  host: TaskHost,
  task: TaskIdentity,
  taskRoleArn: string | undefined,
  directory: string,
): Record<string, string> {
  const { region, endpoint } = host.aws;
  return {
    // On AWS this is AWS_CONTAINER_CREDENTIALS_RELATIVE_URI. The path of that variable belongs to a link-local address,
    // which this machine does not have.
    ...(taskRoleArn && {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: host.credentials.serve(task, taskRoleArn),
    }),
    AWS_EXECUTION_ENV: "AWS_ECS_FARGATE",
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: endpoint,
    HOSTNAME: `ip-${task.id.slice(0, 12)}`,
    // With another HOME, AWS SDKs do not read the ~/.aws of the user.
    HOME: join(directory, "rootfs"),
  };
}

/** The client configuration of the container agent. It assumes the execution role again when the credentials expire. */
function agentConfig(aws: LocalAws, executionRoleArn: string | undefined, task: TaskIdentity) {
  const config = clientConfig(aws);
  if (!executionRoleArn) return config;
  return { ...config, credentials: () => assumeRole(aws, executionRoleArn, task) };
}

async function pull(
  host: TaskHost,
  agent: ReturnType<typeof agentConfig>,
  image: string,
  signal: AbortSignal,
): Promise<string> {
  const digest = await resolveImage(agent, image, { signal });
  const directory = imageDirectory(host.imagesDirectory, digest);
  if (!(await exists(directory))) {
    throw cannotPull(`${image} is ${digest}, whose layers are not in ${host.imagesDirectory}`);
  }
  return directory;
}

function onlyContainer({ containerDefinitions, taskDefinitionArn }: TaskDefinition) {
  const [container, ...others] = containerDefinitions ?? [];
  if (!container || others.length > 0) {
    throw new Error(
      `${taskDefinitionArn ?? ""} has ${containerDefinitions?.length ?? 0} containers: ` +
        `the local task runner runs exactly one per task`,
    );
  }
  return container;
}

function awslogsOptions({ logConfiguration }: ContainerDefinition) {
  return logConfiguration?.logDriver === "awslogs" ? (logConfiguration.options ?? {}) : undefined;
}
