import type { HealthCheck } from "@aws-sdk/client-ecs";
import { setTimeout as sleep } from "node:timers/promises";

/** The health status that ECS reports for a container with a health check. */
export type ContainerHealth = "UNKNOWN" | "HEALTHY" | "UNHEALTHY";

/** The running health check of a container. */
interface ContainerHealthCheck {
  status(): ContainerHealth;
  stop(): void;
}

/** The most milliseconds between the checks of a container that has not been healthy yet, in its start period. */
const START_INTERVAL_MS = 1000;

/**
 * Runs a container's health check immediately and then at its interval. In the start period it runs every second until
 * it succeeds, so that a local rollout does not wait for the next interval. One success makes the container HEALTHY.
 * `retries` consecutive failures after `startPeriod` make it UNHEALTHY.
 *
 * @param check the settings of the task definition, in seconds. ECS's defaults apply.
 * @param execute runs the check's command in the container, and returns whether it exited with 0 in time
 */
export function startContainerHealthCheck(
  check: HealthCheck,
  execute: (command: string[], timeoutMs: number) => Promise<boolean>,
): ContainerHealthCheck {
  const { interval = 30, timeout = 5, retries = 3, startPeriod = 0 } = check;
  const command = commandOf(check);
  const stopping = new AbortController();
  const startPeriodEnds = Date.now() + startPeriod * 1000;
  let status: ContainerHealth = "UNKNOWN";

  const run = async () => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      if (await execute(command, timeout * 1000)) {
        failures = 0;
        status = "HEALTHY";
      } else if (Date.now() >= startPeriodEnds && ++failures >= retries) {
        status = "UNHEALTHY";
      }
      const starts = status === "UNKNOWN" && Date.now() < startPeriodEnds;
      const pause = Math.min(interval * 1000, starts ? START_INTERVAL_MS : Infinity);
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  void run();
  return {
    status: () => status,
    stop: () => {
      stopping.abort();
    },
  };
}

function commandOf({ command = [] }: HealthCheck): string[] {
  const [form, ...rest] = command;
  if (form === "CMD") return rest;
  if (form === "CMD-SHELL") return ["/bin/sh", "-c", rest.join(" ")];
  throw new Error(`healthCheck.command begins with "${form ?? ""}", expected CMD or CMD-SHELL`);
}
