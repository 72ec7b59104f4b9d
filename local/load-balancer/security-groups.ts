import type { IpPermission, SecurityGroup } from "@aws-sdk/client-ec2";

/** One side of a connection: the security groups that are on its network interfaces. */
export type SecurityGroups = readonly SecurityGroup[];

/**
 * Whether security groups let one side open a TCP connection to the other: a rule out of the source's
 * groups and a rule into the target's. No groups on a side (nothing known of it) allow nothing.
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
 * Addresses of the deployed network are not known here, so that a rule by address range counts for
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
