"""The VPC that the calls of a task come from: `aws:SourceVpc`.

On AWS, a task's calls go through the VPC endpoints of its network, which add the VPC. Here all
calls come over the loopback interface. Therefore the task runner reports which sessions it has
given to a task, and in which subnet the task runs: `POST /_emulator/iam/task-sessions`. Calls with
any other session have no VPC. The use of a task's credentials outside of the task cannot be
detected here.
"""

from moto.ec2.models import ec2_backends

from ..control import Report, here, receives

# VPC ids by the access key id of a session.
_vpcs: dict[str, str] = {}


@receives("/_emulator/iam/task-sessions")
def take_session(report: Report) -> None:
    subnet = here(ec2_backends).get_subnet(report["subnetId"])
    _vpcs[report["accessKeyId"]] = subnet.vpc_id


def source_vpc(access_key_id: str) -> dict[str, str]:
    """The condition key with IAM's name, or nothing."""
    vpc = _vpcs.get(access_key_id)
    return {"aws:sourcevpc": vpc} if vpc else {}
