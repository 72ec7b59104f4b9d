"""What each call needs: actions on resources, as the service authorization reference says.

Where AWS allows an action on `*` only, that is the resource here too, so that a policy that names a
narrower one does not allow it. What a service does besides on the caller's behalf is not here, as
Elastic Load Balancing's `ec2:Describe*`, or `iam:CreateServiceLinkedRole` at a service's first use.
"""

from collections.abc import Callable, Sequence

from ..call import Call
from ..policy import Access
from . import autoscaling, dynamodb, ec2, ecr, ecs, elastic_load_balancing, iam, kms, logs, sts

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
    "sts": sts.accesses,
}


def accesses_of(call: Call) -> Sequence[Access]:
    accesses = _SERVICES.get(call.service)
    return accesses(call) if accesses else [call.access(None)]
