import type { IpPermission } from "@aws-sdk/client-ec2";
import { allowsConnection } from "../../../local/load-balancer/security-groups";

const group = (GroupId: string, rules: { in?: IpPermission[]; out?: IpPermission[] }) => [
  { GroupId, IpPermissions: rules.in ?? [], IpPermissionsEgress: rules.out ?? [] },
];
const tcp = (FromPort: number, ToPort: number, GroupId: string): IpPermission => ({
  IpProtocol: "tcp",
  FromPort,
  ToPort,
  UserIdGroupPairs: [{ GroupId }],
});
const everything: IpPermission = { IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] };

const loadBalancer = group("lb", { out: [tcp(8080, 8080, "service")] });
const service = group("service", { in: [tcp(8080, 8080, "lb")] });

test("a rule out and a rule in let the load balancer reach the port", () => {
  expect(allowsConnection(loadBalancer, service, 8080)).toBe(true);
});

test("a rule for everything counts for every port and peer", () => {
  expect(
    allowsConnection(group("lb", { out: [everything] }), group("s", { in: [everything] }), 1),
  ).toBe(true);
});

test.each([
  ["without a rule out", group("lb", {}), service, 8080],
  ["without a rule in", loadBalancer, group("service", {}), 8080],
  ["on a higher port", loadBalancer, service, 8081],
  ["on a lower port", loadBalancer, service, 8079],
  [
    "with rules for another peer",
    group("other", { out: [tcp(1, 65535, "service")] }),
    service,
    8080,
  ],
  ["without any group", [], service, 8080],
])("%s it does not", (_, from, to, port) => {
  expect(allowsConnection(from, to, port)).toBe(false);
});
