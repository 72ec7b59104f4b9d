import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { LocalAws } from "./emulator/aws";
import { startEmulator } from "./emulator/emulator";
import { type LoadBalancers, startLoadBalancers } from "./load-balancer/load-balancer";
import { startTaskRunner } from "./tasks/task-runner";

export interface LocalAwsOptions {
  readonly accountId: string;
  readonly region: string;
  /** A Python with moto. */
  readonly python: string;
  readonly imagesDirectory: string;
  /** Gets `aws.log` (the APIs), `events.log` (tasks, load balancer), `<service>/<task>.log`. */
  readonly logsDirectory: string;
  /** The load balancer's port on this machine, if it is free. @default - a free one */
  readonly preferredPort?: number;
}

/** An AWS on this machine: the emulated APIs, and what runs and serves behind them. */
export interface RunningAws extends LocalAws {
  readonly loadBalancers: LoadBalancers;
  /** Ends the tasks and the load balancers; the APIs go on. */
  stopDataPlane(): Promise<void>;
  /** Ends every process that was started. */
  stop(): Promise<void>;
}

/** Starts the APIs, then Fargate and the load balancers, which follow whatever is deployed. */
export async function startLocalAws(options: LocalAwsOptions): Promise<RunningAws> {
  const { accountId, region, python, imagesDirectory, logsDirectory, preferredPort } = options;
  mkdirSync(logsDirectory, { recursive: true, mode: 0o700 });
  const logFile = join(logsDirectory, "aws.log");
  const emulator = await startEmulator({ python, accountId, region, logFile });
  const { aws } = emulator;
  const onEvent = (message: string) => {
    const line = `${new Date().toISOString()} ${message}\n`;
    appendFileSync(join(logsDirectory, "events.log"), line);
  };
  const taskRunner = await startTaskRunner({ aws, imagesDirectory, logsDirectory, onEvent });
  const loadBalancers = await startLoadBalancers({ aws, preferredPort, onEvent });
  const stopDataPlane = async () => {
    await loadBalancers.stop();
    await taskRunner.stop();
  };
  return {
    ...aws,
    loadBalancers,
    stopDataPlane,
    async stop() {
      await stopDataPlane();
      await emulator.stop();
    },
  };
}
