import { ServiceSecurityGroup } from "../../../constructs/network/service-security-group";
import { synthesized } from "../../support/synthesized";

const securityGroup = ({
  usesTables = true,
  loadBalancer = undefined as string | undefined,
} = {}) =>
  synthesized((scope) => {
    new ServiceSecurityGroup(scope, "group", {
      name: "shop-dev",
      vpcId: "vpc-1",
      region: "eu-west-1",
      containerPort: 8080,
      endpointSecurityGroupId: "sg-endpoints",
      usesTables,
      loadBalancerSecurityGroupId: loadBalancer,
    });
  });

test("lets tasks out to the VPC's AWS endpoints on 443, and nowhere else", () => {
  const rules = securityGroup().all("aws_vpc_security_group_egress_rule");
  expect(rules).toHaveLength(3);
  for (const rule of rules) {
    expect(rule).toMatchObject({ ip_protocol: "tcp", from_port: 443, to_port: 443 });
    expect(rule).not.toHaveProperty("cidr_ipv4");
    expect(rule.prefix_list_id ?? rule.referenced_security_group_id).toBeTruthy();
  }
});

test("of an internal service lets nothing in", () => {
  expect(securityGroup().all("aws_vpc_security_group_ingress_rule")).toEqual([]);
});

test("of a routed service lets the load balancer in on the container's port, and it out to it", () => {
  const stack = securityGroup({ loadBalancer: "sg-alb" });
  expect(stack.one("aws_vpc_security_group_ingress_rule")).toMatchObject({
    referenced_security_group_id: "sg-alb",
    from_port: 8080,
    to_port: 8080,
  });
  expect(stack.all("aws_vpc_security_group_egress_rule")).toContainEqual(
    expect.objectContaining({ security_group_id: "sg-alb", from_port: 8080, to_port: 8080 }),
  );
});

test("without a table the way to DynamoDB stays shut", () => {
  const rules = securityGroup({ usesTables: false }).all("aws_vpc_security_group_egress_rule");
  expect(rules).toHaveLength(2);
  expect(JSON.stringify(rules)).not.toContain("dynamodb");
});
