import type { Deployment, Service, TaskDefinition } from "@aws-sdk/client-ecs";
import type { LocalAws } from "../emulator/aws";
import { reportDeployments, type DeploymentReport } from "../emulator/control";
import { planRollout } from "./rollout-plan";
import { ServiceTask } from "./service-task";
import type { ServiceTargets } from "./service-targets";
import type { TaskHost } from "./task";
import { circuitBreakerThreshold, TaskFailures } from "./task-failures";

/**
 * ECS's scheduler for one service. Each `reconcile` compares the service's configuration with its tasks, takes the next
 * step, and reports the state of the deployments.
 */
export class ServiceScheduler {
  private tasks: ServiceTask[] = [];
  private deployments: readonly Deployment[] = [];
  private readonly failures = new TaskFailures();
  private events: string[] = [];
  private reported = "";
  private steady = false;

  constructor(
    private readonly host: TaskHost,
    private readonly targets: ServiceTargets,
    private readonly service: { readonly clusterName: string; readonly serviceName: string },
    private readonly describeTaskDefinition: (arn: string) => Promise<TaskDefinition>,
    private readonly onEvent: (message: string) => void,
  ) {}

  /** Takes the next step towards the service's configuration. */
  async reconcile(service: Service): Promise<void> {
    const deployments = service.deployments ?? [];
    const primary = deployments.find(({ status }) => status === "PRIMARY");
    if (!primary?.id) return;
    this.deployments = deployments;

    await Promise.all(this.tasks.map((task) => task.refresh()));
    this.adopt(primary, deployments);
    this.removeFailed(primary);
    const breaks = this.breaksCircuit(service, primary);
    if (!breaks) await this.step(service, primary);
    const rollout = breaks ? "FAILED" : this.rolloutOf(primary, service.desiredCount ?? 0);
    await this.report(deployments, primary, rollout);
  }

  /** Drains and stops every task of a service that has been deleted. Then ECS no longer shows it as DRAINING. */
  async retire(): Promise<void> {
    await Promise.all(this.tasks.map((task) => task.drain()));
    this.tasks = [];
    await this.send(this.deployments.map((deployment) => this.reportOf(deployment)));
  }

  /** Stops every task's process within `timeoutMs`. */
  async stop(timeoutMs: number): Promise<void> {
    await Promise.all(this.tasks.map((task) => task.kill(timeoutMs)));
  }

  /**
   * Assigns tasks to the new deployment of a rollback. The tasks of the revision that it returns to have never stopped
   * serving, so they are kept.
   */
  private adopt(primary: Deployment, deployments: Deployment[]): void {
    const failed = deployments.filter(
      ({ status, rolloutState }) => status === "ACTIVE" && rolloutState === "FAILED",
    );
    if (failed.length === 0 || !primary.id) return;
    for (const task of this.tasks) {
      const isOfFailed = failed.some(({ id }) => id === task.deploymentId);
      if (task.taskDefinitionArn === primary.taskDefinition && !isOfFailed) {
        task.deploymentId = primary.id;
      }
    }
  }

  private removeFailed(primary: Deployment): void {
    for (const task of this.tasks.filter(({ failure }) => failure !== undefined)) {
      this.tell(`(task ${task.id}) stopped: ${task.failure ?? ""}.`);
      task.failure = undefined;
      if (task.isActive()) this.drain(task);
      if (task.deploymentId === primary.id) this.failures.add(primary.id);
    }
    this.tasks = this.tasks.filter(({ status }) => status !== "STOPPED");
  }

  private breaksCircuit(service: Service, primary: Deployment): boolean {
    if (primary.rolloutState === "FAILED") return true;
    const breaker = service.deploymentConfiguration?.deploymentCircuitBreaker;
    return (
      breaker?.enable === true &&
      primary.rolloutState !== "COMPLETED" &&
      this.failures.count(primary.id ?? "") >= circuitBreakerThreshold(service.desiredCount ?? 0)
    );
  }

  private async step(service: Service, primary: Deployment): Promise<void> {
    const { start, stop } = planRollout(
      this.tasks.filter((task) => task.isActive()),
      {
        primaryId: primary.id ?? "",
        desiredCount: service.desiredCount ?? 0,
        maximumPercent: service.deploymentConfiguration?.maximumPercent,
        minimumHealthyPercent: service.deploymentConfiguration?.minimumHealthyPercent,
      },
    );
    stop.forEach((task) => {
      this.drain(task);
    });
    if (start > 0 && this.failures.mayStart(primary.id ?? "")) {
      await this.start(start, service, primary);
    }
  }

  private async start(count: number, service: Service, primary: Deployment): Promise<void> {
    const taskDefinition = await this.describeTaskDefinition(primary.taskDefinition ?? "");
    const [subnetId = ""] = service.networkConfiguration?.awsvpcConfiguration?.subnets ?? [];
    const started = Array.from(
      { length: count },
      () =>
        new ServiceTask(this.host, this.targets, {
          ...this.service,
          subnetId,
          deploymentId: primary.id ?? "",
          taskDefinition,
          loadBalancers: service.loadBalancers ?? [],
          serviceRegistries: service.serviceRegistries ?? [],
          healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds ?? 0,
          onEvent: (message) => {
            this.tell(message);
          },
        }),
    );
    this.tasks.push(...started);
    this.tell(`has started ${count} tasks: ${started.map(({ id }) => `(task ${id})`).join(" ")}.`);
  }

  private drain(task: ServiceTask): void {
    void task.drain().then(() => {
      this.tell(`has stopped 1 running tasks: (task ${task.id}).`);
    });
  }

  /** A rollout is complete when all tasks serve and no task of an earlier deployment is left. */
  private rolloutOf(primary: Deployment, desiredCount: number): DeploymentReport["rolloutState"] {
    const serving = this.tasks.filter(
      (task) => task.deploymentId === primary.id && task.status === "RUNNING" && task.healthy,
    );
    const steady = serving.length === desiredCount && this.tasks.length === desiredCount;
    const completes = steady && primary.rolloutState !== "COMPLETED";
    if (completes) this.tell(`(deployment ${primary.id ?? ""}) deployment completed.`);
    if (steady && (completes || !this.steady)) this.tell("has reached a steady state.");
    this.steady = steady;
    return steady || primary.rolloutState === "COMPLETED" ? "COMPLETED" : "IN_PROGRESS";
  }

  private async report(
    deployments: Deployment[],
    primary: Deployment,
    rollout: DeploymentReport["rolloutState"],
  ): Promise<void> {
    if (rollout === "FAILED" && primary.rolloutState !== "FAILED") {
      this.tell(`(deployment ${primary.id ?? ""}) deployment failed: tasks failed to start.`);
    }
    const reports = deployments.map((deployment) =>
      this.reportOf(deployment, deployment === primary ? rollout : undefined),
    );
    await this.send(reports);
  }

  /** Reports what has changed since the last report. */
  private async send(reports: DeploymentReport[]): Promise<void> {
    const { events } = this;
    const state = JSON.stringify(reports);
    if (state === this.reported && events.length === 0) return;
    const { clusterName, serviceName } = this.service;
    await reportDeployments(this.aws, {
      cluster: clusterName,
      service: serviceName,
      deployments: reports,
      events: events.map((message) => `(service ${serviceName}) ${message}`),
    });
    this.reported = state;
    this.events = this.events.slice(events.length);
  }

  private reportOf(
    deployment: Deployment,
    rollout?: DeploymentReport["rolloutState"],
  ): DeploymentReport {
    const { id = "", rolloutState = "IN_PROGRESS", rolloutStateReason = "" } = deployment;
    const tasks = this.tasks.filter((task) => task.deploymentId === id);
    const pending = tasks.filter(({ status }) => status === "PENDING").length;
    const state = rollout ?? rolloutState;
    return {
      id,
      runningCount: tasks.length - pending,
      pendingCount: pending,
      failedTasks: this.failures.count(id),
      rolloutState: state,
      rolloutStateReason: state === rolloutState ? rolloutStateReason : rolloutReasons[state](id),
    };
  }

  private get aws(): LocalAws {
    return this.host.aws;
  }

  private tell(message: string): void {
    this.events = [...this.events, message];
    this.onEvent(`(service ${this.service.serviceName}) ${message}`);
  }
}

const rolloutReasons = {
  IN_PROGRESS: (id: string) => `ECS deployment ${id} in progress.`,
  COMPLETED: (id: string) => `ECS deployment ${id} completed.`,
  FAILED: () => "ECS deployment circuit breaker: tasks failed to start.",
};
