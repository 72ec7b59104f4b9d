import type { IpPermission, SecurityGroup } from "@aws-sdk/client-ec2";

/** The security groups of one side of a connection. */
export type SecurityGroups = readonly SecurityGroup[];

/**
 * Whether security groups allow a TCP connection: a rule of the source's groups must allow it to
 * leave, and a rule of the target's groups to enter. A side without groups allows nothing.
 */
export function allowsConnection(from: SecurityGroups, to: SecurityGroups, port: number): boolean {
  return (
    from.some(({ IpPermissionsEgress = [] }) => permits(IpPermissionsEgress, to, port)) &&
    to.some(({ IpPermissions = [] }) => permits(IpPermissions, from, port))
  );
}

function permits(permissions: IpPermission[], peers: SecurityGroups, port: number): boolean {
  return permissions.some(
    (permission) => coversPort(permission, port) && coversPeer(permission, peers),
  );
}

function coversPort({ IpProtocol, FromPort = 0, ToPort = 65535 }: IpPermission, port: number) {
  if (IpProtocol === "-1") return true;
  return IpProtocol === "tcp" && FromPort <= port && port <= ToPort;
}

/**
 * The addresses of the deployed network are unknown here, so a rule with an address range matches
 * every peer.
 */
function coversPeer(permission: IpPermission, peers: SecurityGroups): boolean {
  const ids = peers.map(({ GroupId }) => GroupId);
  return (
    (permission.IpRanges ?? []).length > 0 ||
    (permission.Ipv6Ranges ?? []).length > 0 ||
    (permission.UserIdGroupPairs ?? []).some(({ GroupId }) => ids.includes(GroupId))
  );
}
