import { PublicLoadBalancer } from "../../../constructs/entrance/public-load-balancer";
import { RoutedTargetGroup } from "../../../constructs/entrance/routed-target-group";
import { synthesized } from "../../support/synthesized";

const loadBalancer = (deletionProtection = false) =>
  synthesized((scope) => {
    new PublicLoadBalancer(scope, "load-balancer", {
      name: "shop-dev",
      vpcId: "vpc-1",
      subnetIds: ["subnet-1", "subnet-2"],
      deletionProtection,
    });
  });

test("is in the given subnets and drops invalid headers", () => {
  expect(loadBalancer().one("aws_lb")).toMatchObject({
    internal: false,
    load_balancer_type: "application",
    subnets: ["subnet-1", "subnet-2"],
    drop_invalid_header_fields: true,
    enable_deletion_protection: false,
  });
});

test("refuses to be deleted when asked to", () => {
  expect(loadBalancer(true).one("aws_lb")).toMatchObject({ enable_deletion_protection: true });
});

test("lets HTTP in from anywhere, and nothing out", () => {
  const stack = loadBalancer();
  expect(stack.one("aws_vpc_security_group_ingress_rule")).toMatchObject({
    cidr_ipv4: "0.0.0.0/0",
    from_port: 80,
    to_port: 80,
  });
  expect(stack.all("aws_vpc_security_group_egress_rule")).toEqual([]);
  expect(stack.one("aws_security_group")).not.toHaveProperty("egress");
});

test("answers 404 where no rule leads", () => {
  expect(loadBalancer().one("aws_lb_listener")).toMatchObject({
    port: 80,
    protocol: "HTTP",
    default_action: [{ type: "fixed-response", fixed_response: { status_code: "404" } }],
  });
});

test("a rule forwards to targets by address, which are checked on their health path", () => {
  const stack = synthesized((scope) => {
    new RoutedTargetGroup(scope, "api", {
      name: "shop-dev-8080",
      vpcId: "vpc-1",
      port: 8080,
      listenerArn: "arn:listener",
      priority: 7,
      paths: ["/items*"],
      healthCheckPath: "/health",
    });
  });
  expect(stack.one("aws_lb_target_group")).toMatchObject({
    target_type: "ip",
    port: 8080,
    protocol: "HTTP",
    deregistration_delay: "10",
    health_check: { path: "/health", matcher: "200" },
  });
  expect(stack.one("aws_lb_listener_rule")).toMatchObject({
    listener_arn: "arn:listener",
    priority: 7,
    condition: [{ path_pattern: { values: ["/items*"] } }],
    action: [{ type: "forward" }],
  });
});
