"""The VPC that the calls of a task come from: `aws:SourceVpc`.

On AWS, a task's calls go through the VPC endpoints of its network, which add the VPC. Here all
calls come over the loopback interface. Therefore the session that a task gets of its role
(`task_roles.py`) is remembered with the VPC of the task's subnet. Calls with any other session have
no VPC. The use of a task's credentials outside of the task cannot be detected here.
"""

from moto.ec2.models import ec2_backends

from ..control import here

# VPC ids by the access key id of a session.
_vpcs: dict[str, str] = {}


def remember_subnet(access_key_id: str, subnet_id: str) -> None:
    _vpcs[access_key_id] = here(ec2_backends).get_subnet(subnet_id).vpc_id


def source_vpc(access_key_id: str) -> dict[str, str]:
    """The condition key with IAM's name, or nothing."""
    vpc = _vpcs.get(access_key_id)
    return {"aws:sourcevpc": vpc} if vpc else {}
