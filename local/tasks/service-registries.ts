import type { ServiceRegistry } from "@aws-sdk/client-ecs";
import {
  DeregisterInstanceCommand,
  paginateListInstances,
  paginateListNamespaces,
  paginateListServices,
  RegisterInstanceCommand,
  ServiceDiscoveryClient,
} from "@aws-sdk/client-servicediscovery";
import { clientConfig, type LocalAws } from "../emulator/aws";

/** The addresses of the tasks that have a name in private DNS, by name, such as `web.shop-dev.local`. */
export type PrivateNames = ReadonlyMap<string, readonly string[]>;

/** Registers the tasks of services in Cloud Map, and reads which tasks are registered. */
export class ServiceRegistries {
  private readonly client: ServiceDiscoveryClient;

  constructor(aws: LocalAws) {
    this.client = new ServiceDiscoveryClient(clientConfig(aws));
  }

  /** Registers a task as ECS does: under its id, with its address and the names of its cluster and service. */
  async register(
    registries: readonly ServiceRegistry[],
    task: {
      readonly id: string;
      readonly host: string;
      readonly clusterName: string;
      readonly serviceName: string;
    },
  ): Promise<void> {
    for (const registry of registries) {
      await this.client.send(
        new RegisterInstanceCommand({
          ServiceId: idOf(registry),
          InstanceId: task.id,
          Attributes: {
            AWS_INSTANCE_IPV4: task.host,
            ECS_CLUSTER_NAME: task.clusterName,
            ECS_SERVICE_NAME: task.serviceName,
          },
        }),
      );
    }
  }

  async deregister(registries: readonly ServiceRegistry[], taskId: string): Promise<void> {
    for (const registry of registries) {
      await this.client.send(
        new DeregisterInstanceCommand({ ServiceId: idOf(registry), InstanceId: taskId }),
      );
    }
  }

  /** The names in all private DNS namespaces, or undefined if there is no such namespace. */
  async names(): Promise<PrivateNames | undefined> {
    const namespaces = await this.namespaces();
    if (namespaces.length === 0) return undefined;
    const names = new Map<string, string[]>();
    for (const { Id: namespace = "", Name: domain = "" } of namespaces) {
      for (const { Id: service, Name: name = "" } of await this.services(namespace)) {
        names.set(`${name}.${domain}`, await this.addresses(service));
      }
    }
    return names;
  }

  close(): void {
    this.client.destroy();
  }

  private async namespaces() {
    const found = [];
    for await (const { Namespaces = [] } of paginateListNamespaces({ client: this.client }, {})) {
      found.push(...Namespaces.filter(({ Type }) => Type === "DNS_PRIVATE"));
    }
    return found;
  }

  private async services(namespaceId: string) {
    const Filters = [{ Name: "NAMESPACE_ID" as const, Values: [namespaceId] }];
    const found = [];
    for await (const { Services = [] } of paginateListServices(
      { client: this.client },
      { Filters },
    )) {
      found.push(...Services);
    }
    return found;
  }

  private async addresses(ServiceId = ""): Promise<string[]> {
    const found = [];
    for await (const { Instances = [] } of paginateListInstances(
      { client: this.client },
      { ServiceId },
    )) {
      found.push(...Instances.flatMap(({ Attributes = {} }) => Attributes.AWS_INSTANCE_IPV4 ?? []));
    }
    return found;
  }
}

/** `arn:aws:servicediscovery:<region>:<account>:service/<id>` */
const idOf = ({ registryArn = "" }: ServiceRegistry) => registryArn.split("/").at(-1);
