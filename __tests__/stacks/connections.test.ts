import { someAccount, synthesizedStates } from "../support/app";
import { manyServices, withConnections } from "../support/platforms";

const states = synthesizedStates(withConnections, [someAccount]);
const state = (name: string) => {
  const found = states[`dev-${name}`];
  if (!found) throw new Error(`no state ${name} among ${Object.keys(states).join(", ")}`);
  return found;
};
const caller = state("ecs-service");
const called = state("ecs-service-worker");
const OF_CALLED =
  "${data.terraform_remote_state.remote_state_ecs_service_worker.outputs.security_group_id}";
const OF_CALLER = "${aws_security_group.security_group.id}";

test("a platform has one private DNS namespace in its VPC", () => {
  expect(state("discovery").resource).toEqual({
    aws_service_discovery_private_dns_namespace: {
      namespace: expect.objectContaining({
        name: "inventory-dev.local",
        vpc: "${var.vpc_id}",
      }) as object,
    },
  });
});

test("a called service is registered under its name, as A records with a TTL of 10 s", () => {
  expect(called.resource.aws_service_discovery_service?.discovery).toMatchObject({
    name: "worker",
    dns_config: {
      namespace_id: "${data.terraform_remote_state.remote_state_discovery.outputs.namespace_id}",
      routing_policy: "MULTIVALUE",
      dns_records: [{ type: "A", ttl: 10 }],
    },
  });
  expect(called.resource.aws_ecs_service?.service?.service_registries).toEqual({
    registry_arn: "${aws_service_discovery_service.discovery.arn}",
  });
  expect(called.output?.security_group_id?.value).toBe(OF_CALLER);
});

test("a caller has the rules of both sides, on the called service's port only", () => {
  const onPort = { ip_protocol: "tcp", from_port: 9090, to_port: 9090 };
  expect(caller.resource.aws_vpc_security_group_egress_rule?.worker_egress).toMatchObject({
    ...onPort,
    security_group_id: OF_CALLER,
    referenced_security_group_id: OF_CALLED,
  });
  expect(caller.resource.aws_vpc_security_group_ingress_rule?.worker_ingress).toMatchObject({
    ...onPort,
    security_group_id: OF_CALLED,
    referenced_security_group_id: OF_CALLER,
  });
  expect(caller.resource.aws_ecs_service?.service?.depends_on).toEqual(
    expect.arrayContaining([
      "aws_vpc_security_group_egress_rule.worker_egress",
      "aws_vpc_security_group_ingress_rule.worker_ingress",
    ]),
  );
});

test("a caller finds the called service's URL in its variable", () => {
  const environment = (name: string) =>
    JSON.stringify(state(name).resource.aws_ecs_task_definition?.task_definition);
  const url = "http://worker.inventory-dev.local:9090";
  for (const [name, variable] of [
    ["ecs-service", "WORKER_URL"],
    ["ecs-service-admin", "WORKER"],
  ] as const) {
    expect(environment(name)).toMatch(
      new RegExp(String.raw`"name\W+${variable}\W+value\W+${url}\W`),
    );
  }
  expect(environment("ecs-service-worker")).not.toContain(".local");
});

test("a service that no other calls has no name and no such output", () => {
  for (const { resource, output } of [caller, state("ecs-service-admin")]) {
    expect(resource).not.toHaveProperty("aws_service_discovery_service");
    expect(resource.aws_ecs_service?.service).not.toHaveProperty("service_registries");
    expect(output).not.toHaveProperty("security_group_id");
  }
});

test("a platform whose services do not call each other has no namespace", () => {
  expect(Object.keys(synthesizedStates(manyServices, [someAccount]))).not.toContain(
    "dev-discovery",
  );
});
