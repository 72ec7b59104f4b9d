import type { LoadBalancer, ServiceRegistry, TaskDefinition } from "@aws-sdk/client-ecs";
import { setTimeout as sleep } from "node:timers/promises";
import { readAfterChange } from "../emulator/changes";
import type { ServiceTargets, TargetHealth } from "./service-targets";
import { newTaskId, startTask, type Task, type TaskHost } from "./task";
import { waitForListener } from "./task-address";

/** How long to wait for a task to listen on its port. After that time, its target is registered in any case. */
const LISTENER_TIMEOUT_MS = 5000;

/** The settings of a service for each of its tasks. */
interface ServiceTaskProps {
  /** The subnet in which the task runs. */
  readonly subnetId: string;
  readonly clusterName: string;
  readonly serviceName: string;
  readonly deploymentId: string;
  readonly taskDefinition: TaskDefinition;
  readonly loadBalancers: LoadBalancer[];
  readonly serviceRegistries: ServiceRegistry[];
  readonly healthCheckGracePeriodSeconds: number;
  /** Called with the message of each event, in ECS's wording. */
  readonly onEvent: (message: string) => void;
}

/**
 * One task of a service, from its start to its end. Its status goes from PENDING (it starts, or has not yet been
 * healthy) to RUNNING, DRAINING and STOPPED.
 */
export class ServiceTask {
  readonly id = newTaskId();
  status: "PENDING" | "RUNNING" | "DRAINING" | "STOPPED" = "PENDING";
  healthy = false;
  /** Why the task stopped or must be stopped, if the reason is a failure. */
  failure?: string;
  /** The deployment that the task belongs to. A rollback adopts the tasks of the revision that it returns to. */
  deploymentId: string;
  readonly taskDefinitionArn?: string;

  private task?: Task;
  private targetHealth: () => Promise<TargetHealth[]> = () => Promise.resolve([]);
  private registered = false;
  private registration?: Promise<void>;
  private startedAt = Date.now();
  private readonly stopping = new AbortController();
  private ending?: Promise<void>;
  private readonly starting: Promise<void>;

  constructor(
    private readonly host: TaskHost,
    private readonly targets: ServiceTargets,
    private readonly props: ServiceTaskProps,
  ) {
    this.deploymentId = props.deploymentId;
    this.taskDefinitionArn = props.taskDefinition.taskDefinitionArn;
    this.starting = this.start().catch((error: unknown) => {
      this.fail((error as Error).message);
    });
  }

  /** Whether the task is neither draining nor stopped. */
  isActive(): boolean {
    return this.status === "PENDING" || this.status === "RUNNING";
  }

  private async start(): Promise<void> {
    const { loadBalancers } = this.props;
    const { signal } = this.stopping;
    const task = await startTask(this.host, { id: this.id, ...this.props, signal });
    this.task = task;
    this.targetHealth = readAfterChange(this.host.changes, () =>
      this.targets.health(loadBalancers, task.address),
    );
    this.startedAt = Date.now();
    void task.exited.then(({ exitCode, reason }) => {
      const why = reason ?? "Essential container in task exited";
      this.fail(`${why} (exit code ${exitCode})`);
    });
    if (loadBalancers.length === 0) return;
    // On Fargate, seconds pass before the registration. Here, the process may not yet listen at this point.
    const patience = [AbortSignal.timeout(LISTENER_TIMEOUT_MS), this.stopping.signal];
    await waitForListener(task.address, AbortSignal.any(patience));
    if (!this.isActive()) return;
    // This is set before the call, so that the target is also removed if the task is stopped during the call.
    this.registered = true;
    await this.targets.register(loadBalancers, task.address);
    this.props.onEvent(`registered 1 targets in (target-group ${groupNames(loadBalancers)})`);
  }

  /** Sets `healthy`, `status` and `failure` from the health of the container and of its targets. */
  async refresh(): Promise<void> {
    const { task } = this;
    if (!task || !this.isActive()) return;
    const { loadBalancers, healthCheckGracePeriodSeconds } = this.props;
    if (loadBalancers.length > 0 && !this.registered) return;
    const targets = await this.targetHealth();
    const container = task.health();
    this.healthy =
      targets.every(({ state }) => state === "healthy") &&
      (container === undefined || container === "HEALTHY");
    // The task may have ended during the call.
    if (!this.isActive()) return;
    if (this.healthy) {
      this.status = "RUNNING";
      await this.addName(task);
    }

    const graceEnds = this.startedAt + healthCheckGracePeriodSeconds * 1000;
    if (this.healthy || Date.now() < graceEnds) return;
    const sick = targets.find(({ state }) => state === "unhealthy");
    if (sick) {
      this.failure = `is unhealthy in (target-group ${sick.targetGroupArn}) due to (reason ${sick.reason})`;
    } else if (container === "UNHEALTHY") {
      this.failure = "failed container health checks";
    } else if (this.status === "PENDING" && targets.length > 0) {
      const deadline = graceEnds + (await this.targets.unhealthyAfterMs(loadBalancers));
      if (Date.now() > deadline)
        this.failure = "did not become healthy in its load balancer in time";
    }
  }

  /** Deregisters the task from its target groups, waits for its requests to end, and stops it. */
  drain(): Promise<void> {
    this.status = this.status === "STOPPED" ? "STOPPED" : "DRAINING";
    this.healthy = false;
    this.stopping.abort();
    return (this.ending ??= this.end());
  }

  private async end(): Promise<void> {
    await this.starting;
    const { task } = this;
    if (!task) return;
    await this.removeName();
    await this.removeTarget(task);
    await task.stop();
    await task.exited;
    this.status = "STOPPED";
  }

  /** Registers a healthy task in Cloud Map, so that its service's name resolves to its address. */
  private async addName(task: Task): Promise<void> {
    const { clusterName, serviceName, serviceRegistries } = this.props;
    const { host } = task.address;
    const { id } = this;
    const registered = { id, host, clusterName, serviceName };
    this.registration ??= this.host.registries.register(serviceRegistries, registered);
    try {
      await this.registration;
    } catch (error) {
      this.registration = undefined;
      throw error;
    }
  }

  private async removeName(): Promise<void> {
    const { registration } = this;
    this.registration = undefined;
    const { serviceRegistries, onEvent } = this.props;
    try {
      await registration;
      if (registration) await this.host.registries.deregister(serviceRegistries, this.id);
    } catch (error) {
      // The Cloud Map service may have been deleted before the ECS service.
      onEvent(`could not deregister task ${this.id}: ${(error as Error).message}`);
    }
  }

  private async removeTarget(task: Task): Promise<void> {
    if (!this.registered) return;
    this.registered = false;
    const { loadBalancers, onEvent } = this.props;
    onEvent("has begun draining connections on 1 tasks.");
    const ended = new AbortController();
    void task.exited.then(() => {
      ended.abort();
    });
    const wait = (ms: number) =>
      sleep(ms, undefined, { signal: ended.signal }).catch(() => undefined);
    await this.targets.deregister(loadBalancers, task.address, wait).catch((error: unknown) => {
      // The target group may have been deleted before the service.
      onEvent(`could not deregister ${task.address.host}: ${(error as Error).message}`);
    });
    onEvent(`deregistered 1 targets in (target-group ${groupNames(loadBalancers)})`);
  }

  /** Stops the task within `timeoutMs`, without deregistering its targets. */
  async kill(timeoutMs: number): Promise<void> {
    this.status = "DRAINING";
    this.stopping.abort();
    await this.starting;
    // The whole local AWS is stopped, including the target groups and Cloud Map.
    this.registered = false;
    this.registration = undefined;
    await this.task?.stop(timeoutMs);
    await this.task?.exited;
  }

  private fail(reason: string): void {
    if (this.isActive()) {
      this.failure = reason;
      this.healthy = false;
    }
    if (!this.task || this.status !== "DRAINING") this.status = "STOPPED";
    void this.removeName();
    if (this.task && this.registered) void this.removeTarget(this.task);
  }
}

function groupNames(loadBalancers: LoadBalancer[]): string {
  return loadBalancers.map(({ targetGroupArn = "" }) => targetGroupArn).join(", ");
}
