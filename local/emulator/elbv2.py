"""Gaps in load balancers, listeners and target groups.

1. moto reports every registered target as healthy. Here a target is `initial` until the load
   balancer reports its health with `POST /_emulator/elbv2/target-health`:

    {"targetGroupArn": "arn:…", "targets": [{"id": "10.0.0.1", "port": 3000, "state": "unhealthy",
                                             "reason": "Target.Timeout", "description": "…"}]}

   The report on a target is deleted when the target is registered or deregistered.

2. moto identifies targets by their id alone. On AWS, two ports of one address are two targets.

3. moto creates a second load balancer with the same name, and a second listener on the same port.
   On AWS, a call that repeats the settings of the first one returns what the first one created, and
   any other call is rejected. This happens on a busy machine, when a client repeats a request that
   was already answered.
"""

import threading
from copy import deepcopy
from typing import Any

from moto.elbv2.exceptions import DuplicateListenerError, DuplicateLoadBalancerName
from moto.elbv2.models import (
    ELBv2Backend,
    FakeHealthStatus,
    FakeListener,
    FakeLoadBalancer,
    FakeTargetGroup,
    elbv2_backends,
)

from .changes import count_change
from .control import Report, here, receives
from .override import override

INITIAL = {
    "state": "initial",
    "reason": "Elb.RegistrationInProgress",
    "description": "Target registration is in progress",
}
UNUSED = {
    "state": "unused",
    "reason": "Target.NotRegistered",
    "description": "Target is not registered to the target group",
}

# A repeated request may arrive while the first one is still being served.
creating = threading.Lock()


@override(ELBv2Backend)
def create_load_balancer(original: Any, self: ELBv2Backend, **settings: Any) -> FakeLoadBalancer:
    with creating:
        for present in self.load_balancers.values():
            if present.name == settings["name"]:
                return _repeated(present, settings, DuplicateLoadBalancerName)
        return _created(original, self, settings)


@override(ELBv2Backend)
def create_listener(original: Any, self: ELBv2Backend, **settings: Any) -> FakeListener:
    with creating:
        load_balancer = self.load_balancers.get(settings["load_balancer_arn"])
        for present in load_balancer.listeners.values() if load_balancer else ():
            if present.port == settings["port"]:
                return _repeated(present, settings, DuplicateListenerError)
        return _created(original, self, settings)


def _created(original: Any, backend: ELBv2Backend, settings: dict[str, Any]) -> Any:
    # The settings are copied, because moto adds defaults to the actions in them.
    created_with = deepcopy(settings)
    resource = original(backend, **settings)
    resource.created_with = created_with
    return resource


def _repeated(resource: Any, settings: dict[str, Any], refusal: type[Exception]) -> Any:
    if resource.created_with != settings:
        raise refusal
    return resource


@receives("/_emulator/elbv2/target-health")
def report_target_health(report: Report) -> None:
    group = _target_group(report["targetGroupArn"])
    for target in report["targets"]:
        registered = group.targets.get(f"{target['id']}:{target['port']}")
        if registered:
            registered["health"] = target
    count_change()


def _target_group(arn: str) -> FakeTargetGroup:
    groups = here(elbv2_backends).target_groups
    if arn not in groups:
        raise LookupError(f"target group {arn!r} does not exist; there are {list(groups)}")
    return groups[arn]


@override(FakeTargetGroup)
def register(_: Any, self: FakeTargetGroup, targets: list[dict[str, Any]]) -> None:
    for target in targets:
        port = target.get("Port", self.port)
        self.targets[_key(self, target)] = {"Id": target["Id"], "Port": port, "health": INITIAL}


@override(FakeTargetGroup)
def deregister(_: Any, self: FakeTargetGroup, targets: list[dict[str, Any]]) -> None:
    for target in targets:
        self.targets.pop(_key(self, target), None)


@override(FakeTargetGroup)
def health_for(_: Any, self: FakeTargetGroup, target: Any, ec2_backend: Any) -> FakeHealthStatus:
    port = target.get("Port", self.port)
    health = self.targets.get(_key(self, target), {}).get("health", UNUSED)
    said = (health["state"], health.get("reason"), health.get("description"))
    return FakeHealthStatus(target["Id"], port, self.health_check_port, *said)


def _key(group: FakeTargetGroup, target: dict[str, Any]) -> str:
    return f"{target['Id']}:{target.get('Port', group.port)}"
