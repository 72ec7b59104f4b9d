import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { LocalAws } from "./emulator/aws";
import { startEmulator } from "./emulator/emulator";
import { type LoadBalancers, startLoadBalancers } from "./load-balancer/load-balancer";
import { startTaskRunner } from "./tasks/task-runner";

export interface LocalAwsOptions {
  readonly accountId: string;
  readonly region: string;
  /** Path of a Python in which moto is installed. */
  readonly python: string;
  readonly imagesDirectory: string;
  /** Folder for `aws.log` (the APIs), `events.log` (tasks and load balancers) and `<service>/<task>.log`. */
  readonly logsDirectory: string;
  /** The load balancer's port on this machine. Another one is used if it is not free. @default - any free port */
  readonly preferredPort?: number;
}

/** The local AWS: the emulated APIs, the task runner and the load balancers. */
export interface RunningAws extends LocalAws {
  readonly loadBalancers: LoadBalancers;
  /** Stops the tasks and the load balancers. The APIs keep running. */
  stopDataPlane(): Promise<void>;
  /** Stops every process that was started. */
  stop(): Promise<void>;
}

/** Starts the APIs, then the task runner and the load balancers, which follow what is deployed through the APIs. */
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
