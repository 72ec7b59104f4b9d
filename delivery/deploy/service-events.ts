import { DescribeServicesCommand, ECSClient, type ServiceEvent } from "@aws-sdk/client-ecs";
import { readBackend, readConfig } from "../synthesized/config";
import type { State } from "../synthesized/states";

/** Events that say why tasks failed. The others say that tasks were started or drained. */
const TELLS_WHY = /unhealthy|failed|unable|stopped: /;
const SHOWN = 5;

/**
 * Returns what ECS says about the tasks that failed while a service was deployed, for the error of the deploy.
 *
 * @param since when the deploy began
 * @returns the lines; an empty string when there are no such events or ECS does not answer
 */
export async function whyTasksFailed(state: State, since: Date): Promise<string> {
  const events = await readEvents(state).catch(() => []);
  // Each task has an event with the same reason. The id of the task is removed, so that a reason is shown once.
  const reasons = events
    .filter(({ createdAt }) => createdAt !== undefined && createdAt >= since)
    .map(({ message = "" }) => message.replace(/ \(task [0-9a-f]+\)/, ""))
    .filter((message) => TELLS_WHY.test(message));
  const shown = [...new Set(reasons)].slice(0, SHOWN).reverse();
  return shown.length === 0
    ? ""
    : `\nWhat ECS says:\n${shown.map((line) => `  ${line}\n`).join("")}`;
}

/** The events of the service, the newest first. */
async function readEvents(state: State): Promise<ServiceEvent[]> {
  const { resource } = readConfig(state.directory);
  const [service] = Object.values(resource.aws_ecs_service ?? {});
  if (typeof service?.name !== "string" || typeof service.cluster !== "string") return [];
  const ecs = new ECSClient({ region: readBackend(state.directory).region });
  try {
    const { services } = await ecs.send(
      new DescribeServicesCommand({ cluster: service.cluster, services: [service.name] }),
    );
    return services?.[0]?.events ?? [];
  } finally {
    ecs.destroy();
  }
}
