"""The permissions that each call needs: actions on resources, as the service authorization
reference lists them.

Where AWS supports only `*` as the resource of an action, the resource is `*` here too, so that a
policy with a narrower resource does not allow it. Additional actions that a service performs on the
caller's behalf are not checked, such as Elastic Load Balancing's `ec2:Describe*`, or
`iam:CreateServiceLinkedRole` at the first use of a service.
"""

from collections.abc import Callable, Sequence

from ..call import Call
from ..policy import Access
from . import (
    autoscaling,
    dynamodb,
    ec2,
    ecr,
    ecs,
    elastic_load_balancing,
    iam,
    kms,
    logs,
    secrets_manager,
    service_discovery,
    sts,
)

_SERVICES: dict[str, Callable[[Call], Sequence[Access]]] = {
    "application-autoscaling": autoscaling.accesses,
    "dynamodb": dynamodb.accesses,
    "ec2": ec2.accesses,
    "ecr": ecr.accesses,
    "ecs": ecs.accesses,
    "elasticloadbalancing": elastic_load_balancing.accesses,
    "iam": iam.accesses,
    "kms": kms.accesses,
    "logs": logs.accesses,
    "secretsmanager": secrets_manager.accesses,
    "servicediscovery": service_discovery.accesses,
    "sts": sts.accesses,
}


def accesses_of(call: Call) -> Sequence[Access]:
    accesses = _SERVICES.get(call.service)
    return accesses(call) if accesses else [call.access(None)]
