import {
  CreatePrivateDnsNamespaceCommand,
  CreateServiceCommand,
  DeleteServiceCommand,
  GetNamespaceCommand,
  GetOperationCommand,
  ServiceDiscoveryClient,
} from "@aws-sdk/client-servicediscovery";
import { ServiceRegistries } from "../../../local/tasks/service-registries";
import { createVpc, OUR_TAGS, THEIR_TAGS, type Tag } from "../support/emulated-resources";
import { allow, allowAll, roleWith } from "../support/emulated-role";
import { neededBy } from "../support/iam-accesses";
import { uniqueName } from "../support/unique-name";
import { useEmulator } from "../support/use-emulator";

const aws = useEmulator();
const root = new ServiceDiscoveryClient(aws.config);

let registries: ServiceRegistries;

beforeAll(() => {
  registries = new ServiceRegistries(aws);
});

afterAll(() => {
  registries.close();
});

/** @returns its id and its name */
async function createNamespace(client = root, Tags: Tag[] = []) {
  const Name = `${uniqueName("shop")}.local`;
  const { OperationId } = await client.send(
    new CreatePrivateDnsNamespaceCommand({ Name, Vpc: await createVpc(aws), Tags }),
  );
  const { Operation } = await root.send(new GetOperationCommand({ OperationId }));
  return { id: Operation?.Targets?.NAMESPACE ?? "", name: Name };
}

async function createService(Name: string, NamespaceId: string, client = root, Tags: Tag[] = []) {
  const { Service } = await client.send(
    new CreateServiceCommand({
      Name,
      DnsConfig: { NamespaceId, DnsRecords: [{ Type: "A", TTL: 10 }] },
      Tags,
    }),
  );
  return { id: Service?.Id ?? "", registryArn: Service?.Arn ?? "" };
}

test("there are no names without a namespace, and a name has the addresses of its tasks", async () => {
  expect(await registries.names()).toBeUndefined();
  const { id, name } = await createNamespace();
  expect(await registries.names()).toEqual(new Map());

  const [web, worker] = [await createService("web", id), await createService("worker", id)];
  const task = { clusterName: "main", serviceName: "web" };
  await registries.register([web], { id: "1", host: "127.1.1.1", ...task });
  await registries.register([web, worker], { id: "2", host: "127.1.1.2", ...task });
  expect(await registries.names()).toEqual(
    new Map([
      [`web.${name}`, ["127.1.1.1", "127.1.1.2"]],
      [`worker.${name}`, ["127.1.1.2"]],
    ]),
  );

  await registries.deregister([web, worker], "2");
  expect(await registries.names()).toEqual(
    new Map([
      [`web.${name}`, ["127.1.1.1"]],
      [`worker.${name}`, []],
    ]),
  );
});

test("a task cannot be registered under a name that does not exist", async () => {
  const registry = { registryArn: aws.arn("servicediscovery", "service/srv-none") };
  const task = { id: "1", host: "127.1.1.1", clusterName: "main", serviceName: "web" };
  await expect(registries.register([registry], task)).rejects.toThrow(/srv-none/);
});

test("the permissions that a namespace and its names need", async () => {
  const role = await roleWith(aws, allowAll);
  const client = new ServiceDiscoveryClient(role.config);
  const { id } = await createNamespace(client, OUR_TAGS);
  const service = await createService("web", id, client, OUR_TAGS);
  await client.send(new GetNamespaceCommand({ Id: id }));
  await client.send(new DeleteServiceCommand({ Id: service.id }));
  const namespace = aws.arn("servicediscovery", `namespace/${id}`);
  expect(await neededBy(aws, role)).toEqual([
    "servicediscovery:CreatePrivateDnsNamespace *",
    "servicediscovery:TagResource *",
    `servicediscovery:CreateService ${namespace}`,
    `servicediscovery:GetNamespace ${namespace}`,
    `servicediscovery:DeleteService ${service.registryArn}`,
  ]);
});

test("a condition on the tags of a namespace and of a name is checked", async () => {
  const { config } = await roleWith(
    aws,
    allow(["servicediscovery:CreateService", "servicediscovery:DeleteService"], "*", {
      StringEquals: { "aws:ResourceTag/Platform": "ours" },
    }),
    allow("servicediscovery:TagResource"),
  );
  const client = new ServiceDiscoveryClient(config);
  const ours = await createNamespace(root, OUR_TAGS);
  const theirs = await createNamespace(root, THEIR_TAGS);
  const own = await createService("web", ours.id, client, OUR_TAGS);
  await expect(createService("web", theirs.id, client, OUR_TAGS)).rejects.toThrow(
    /not authorized to perform: servicediscovery:CreateService/,
  );
  const other = await createService("web", theirs.id, root, THEIR_TAGS);
  await expect(client.send(new DeleteServiceCommand({ Id: other.id }))).rejects.toThrow(
    /not authorized to perform: servicediscovery:DeleteService/,
  );
  await client.send(new DeleteServiceCommand({ Id: own.id }));
});
