import {
  DescribeTaskDefinitionCommand,
  ECSClient,
  type Service,
  type TaskDefinition,
} from "@aws-sdk/client-ecs";
import { join } from "node:path";
import { clientConfig, type LocalAws } from "../emulator/aws";
import { followChanges, readAfterChange } from "../emulator/changes";
import { startCredentialsServer } from "./credentials";
import { deployedServices } from "./deployed-services";
import { poll } from "../poll";
import { followPrivateDns } from "./private-dns";
import { ServiceRegistries } from "./service-registries";
import { ServiceScheduler } from "./service-scheduler";
import { ServiceTargets } from "./service-targets";
import type { TaskHost } from "./task";
import { probeAddressing, type Addressing } from "./task-address";
import { assumeRole } from "./task-roles";

const POLL_INTERVAL_MS = 250;

/** How long tasks may take to stop when the runner itself stops. */
const KILL_TIMEOUT_MS = 5000;

/** The local replacement of Fargate. */
export interface TaskRunner {
  /** Stops every task within 5 s, without draining its targets. */
  stop(): Promise<void>;
}

/**
 * Runs the tasks of the deployed ECS services as processes, and follows every change of the services.
 *
 * @param imagesDirectory the folder with the images that `buildImage` has built
 * @param logsDirectory the folder for `<service>/<task id>.log`, and for the hosts file of the tasks
 * @param onEvent called with the message of each event, in the wording of ECS's service events
 * @param addressing how tasks get different addresses. @default - `own-address` if this machine supports it (Linux),
 * otherwise `own-port` (macOS)
 */
export async function startTaskRunner(props: {
  readonly aws: LocalAws;
  readonly imagesDirectory: string;
  readonly logsDirectory: string;
  readonly onEvent: (message: string) => void;
  readonly addressing?: Addressing;
}): Promise<TaskRunner> {
  const { aws, imagesDirectory, logsDirectory, onEvent } = props;
  const ecs = new ECSClient(clientConfig(aws));
  const targets = new ServiceTargets(aws);
  const credentials = await startCredentialsServer((roleArn, task) =>
    assumeRole(aws, roleArn, task),
  );
  const addressing = props.addressing ?? (await probeAddressing());
  const changes = followChanges(aws);
  const registries = new ServiceRegistries(aws);
  const privateDns = followPrivateDns({
    registries,
    changes,
    file: join(logsDirectory, "hosts"),
    onUnsupported() {
      onEvent("task runner: tasks cannot resolve the names of Cloud Map on this machine");
    },
  });
  const host: TaskHost = {
    ...{ aws, changes, imagesDirectory, logsDirectory, credentials, addressing },
    ...{ registries, privateDns },
  };
  const readServices = readAfterChange(changes, () => deployedServices(ecs));
  const taskDefinition = rememberTaskDefinitions(ecs);
  const schedulers = new Map<string, ServiceScheduler>();
  const retiring = new Set<ServiceScheduler>();

  const onError = (error: Error) => {
    onEvent(`task runner: ${error.message}`);
  };
  const round = async () => {
    await privateDns.refresh();
    const services = await readServices();
    await Promise.all(
      services.map(async (service) => {
        const arn = service.serviceArn ?? "";
        const scheduler =
          schedulers.get(arn) ??
          new ServiceScheduler(host, targets, names(service), taskDefinition, onEvent);
        schedulers.set(arn, scheduler);
        await scheduler.reconcile(service);
      }),
    );
    const present = new Set(services.map(({ serviceArn }) => serviceArn));
    for (const [arn, scheduler] of schedulers) {
      if (present.has(arn)) continue;
      schedulers.delete(arn);
      retiring.add(scheduler);
      void scheduler
        .retire()
        .catch(onError)
        .finally(() => retiring.delete(scheduler));
    }
  };
  const polling = poll(POLL_INTERVAL_MS, round, onError);

  return {
    async stop() {
      await Promise.all([polling.stop(), changes.stop()]);
      const all = [...schedulers.values(), ...retiring];
      await Promise.all(all.map((scheduler) => scheduler.stop(KILL_TIMEOUT_MS)));
      await credentials.close();
      targets.close();
      registries.close();
      ecs.destroy();
    },
  };
}

function names(service: Service) {
  return {
    clusterName: service.clusterArn?.split("/").at(-1) ?? "",
    serviceName: service.serviceName ?? "",
  };
}

/** Reads each task definition only once. A task definition never changes after its registration. */
function rememberTaskDefinitions(ecs: ECSClient): (arn: string) => Promise<TaskDefinition> {
  const known = new Map<string, TaskDefinition>();
  return async (arn) => {
    const remembered = known.get(arn);
    if (remembered) return remembered;
    const { taskDefinition } = await ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: arn }),
    );
    if (!taskDefinition) throw new Error(`DescribeTaskDefinition of ${arn} answered nothing`);
    known.set(arn, taskDefinition);
    return taskDefinition;
  };
}
